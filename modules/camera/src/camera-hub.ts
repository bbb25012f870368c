import type { EdgeModule } from '@edgeslot/edge-module';
import type { Log } from '@edgeslot/edge-module/log';
import type { Camera } from './camera.js';
import { type CameraConfig, checkConfig } from './config/camera-config.js';
import type { FrameMessage } from './frame-message.js';

export interface CameraHubOptions {
  readonly module: EdgeModule;
  readonly camera: Camera;
  /** The configuration from environment and command line, over which the desired properties go. */
  readonly base: CameraConfig;
  readonly log: Log;
  readonly version: string;
  /** Milliseconds between two reports of the counters, default 5000. */
  readonly countersIntervalMs?: number;
}

export interface CameraHub {
  frame(message: FrameMessage): void;
  /** Reports the final counters; `module.stop()` then sends them. */
  stop(): void;
}

/** The camera's side of the hub: configuration from the twin, counters to it, one message per frame on `frames`. */
export function connectCameraHub(options: CameraHubOptions): CameraHub {
  const { module, camera, base, log } = options;
  let reported = '';
  const reportCounters = () => {
    const text = JSON.stringify(camera.counters);
    if (text === reported) return;
    reported = text;
    module.report('counters', { ...camera.counters });
  };
  const reportConfig = (version: number, code: number, text: string) =>
    module.report('config', { ...camera.config, source: { ...camera.config.source }, version, code, text });

  module.report('module', {
    version: options.version,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    startedAt: new Date().toISOString(),
  });
  module.onDesired((desired, version) => {
    const checked = checkConfig(desired, base);
    if (!checked.ok) {
      log.warning(`twin: refused desired version ${version}: ${checked.text}`);
      reportConfig(version, 400, `${checked.text.slice(0, 480)}; the last good values stay`);
      return;
    }
    camera.configure(checked.config);
    const { target, rate, source } = checked.config;
    log.info(`twin: version ${version}: ${rate} frames/s of ${source.type} to ${target}`);
    reportConfig(version, 200, 'applied');
  });
  module.onMethod('status', () => ({ status: 200, payload: { config: camera.config, counters: camera.counters } }));
  const timer = setInterval(reportCounters, options.countersIntervalMs ?? 5000);
  return {
    frame: (message) => module.send('frames', message),
    stop: () => {
      clearInterval(timer);
      reportCounters();
    },
  };
}
