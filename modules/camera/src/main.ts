import { readFileSync } from 'node:fs';
import { isEdgeEnvironment } from '@edgeslot/edge-module/environment';
import { type RunningModule, runModule } from '@edgeslot/edge-module/lifecycle';
import { createLog, type Log, parseLogLevel } from '@edgeslot/edge-module/log';
import { Camera } from './camera.js';
import { readStartUp, type StartUp } from './config/sources.js';
import type { FrameMessage } from './frame-message.js';
import { Poster } from './poster.js';

/** How long the camera waits for its twin before it starts with what it has. Milliseconds. */
const TWIN_WAIT = 5000;

const level = parseLogLevel(process.env.RuntimeLogLevel ?? '');
const log = createLog(level ? { level } : {});

runModule(
  async (signal) => {
    const startUp = readStartUp(process.env, process.argv.slice(2));
    if (startUp.standalone) return runAlone(startUp, log);
    if (!isEdgeEnvironment())
      throw new Error(
        'no Edge runtime in the environment; without one give --target URL, e.g. http://localhost:8080/score',
      );
    // The SDK is loaded only where there is a hub.
    const { connectEdgeModule } = await import('@edgeslot/edge-module');
    const { connectCameraHub } = await import('./camera-hub.js');
    const module = connectEdgeModule({ log: log.from('hub') });
    module.start();
    const poster = new Poster();
    const camera = new Camera({ config: startUp.config, poster, onFrame: (message) => hub.frame(message) });
    const hub = connectCameraHub({ module, camera, base: startUp.config, log, version: readVersion() });
    await module.whenDesired(TWIN_WAIT, signal);
    if (!signal.aborted) camera.start();
    return {
      stop: async () => {
        await camera.stop();
        hub.stop();
        await module.stop();
        await poster.close();
      },
    };
  },
  { log },
);

/** Without a hub: posts to a target and prints a line per frame. */
function runAlone({ config, frames }: StartUp, log: Log): RunningModule {
  const poster = new Poster();
  let finish: () => void = () => {};
  let ended = 0;
  const camera = new Camera({
    config,
    poster,
    onFrame: (message) => {
      log.info(describe(message));
      if (++ended === frames) finish();
    },
  });
  camera.start();
  return {
    ...(frames !== undefined && {
      done: new Promise<void>((resolve) => {
        finish = resolve;
      }),
    }),
    stop: async () => {
      await camera.stop();
      await poster.close();
      log.info(JSON.stringify(camera.counters));
    },
  };
}

function describe({ frame, status, label, confidence, latencyMs, reason, model }: FrameMessage): string {
  if (status !== 'scored') return `frame ${frame} ${status}: ${reason}`;
  const answer = label === undefined ? 'nothing found' : `${label} ${((confidence ?? 0) * 100).toFixed(1)} %`;
  return `frame ${frame}: ${answer}, ${latencyMs} ms${model ? `, ${model}` : ''}`;
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
