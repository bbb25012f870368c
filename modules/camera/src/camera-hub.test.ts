import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DesiredListener, EdgeModule, JsonObject, MethodHandler } from '@edgeslot/edge-module';
import { createLog } from '@edgeslot/edge-module/log';
import { Camera } from './camera.js';
import { connectCameraHub } from './camera-hub.js';
import { DEFAULTS } from './config/camera-config.js';

describe('the hub of the camera', () => {
  it('applies the twin over the start-up configuration, reports, and keeps the last good values', async () => {
    const reported: Record<string, JsonObject | null> = {};
    const sent: [string, unknown][] = [];
    const methods = new Map<string, MethodHandler>();
    let deliver: DesiredListener = () => {};
    const module = {
      report: (section: string, value: JsonObject | null) => {
        reported[section] = value;
      },
      send: (output: string, body: unknown) => sent.push([output, body]),
      onMethod: (name: string, handler: MethodHandler) => methods.set(name, handler),
      onDesired: (listener: DesiredListener) => {
        deliver = listener;
      },
    } as unknown as EdgeModule;
    const base = { ...DEFAULTS, rate: 7 };
    const camera = new Camera({
      config: base,
      poster: { post: async () => ({ outcome: 'scored', httpStatus: 204 }) },
      onFrame: (message) => hub.frame(message),
      makeSource: () => ({
        take: async () => ({ bytes: Buffer.from('x'), contentType: 'image/jpeg' }),
        seedOf: () => undefined,
      }),
    });
    const log = createLog({ write: () => {} });
    const hub = connectCameraHub({ module, camera, base, log, version: '1.0.0' });
    assert.equal(reported.module?.version, '1.0.0');

    deliver({ jitter: 0, source: { type: 'folder', path: '/images' } }, 3, new Set());
    assert.deepEqual(reported.config, {
      ...base,
      jitter: 0,
      source: { type: 'folder', path: '/images' },
      version: 3,
      code: 200,
      text: 'applied',
    });
    deliver({ rate: 'fast' }, 4, new Set());
    assert.equal(reported.config?.code, 400);
    assert.equal(reported.config?.version, 4);
    assert.match(String(reported.config?.text), /rate is "fast"; .*; the last good values stay$/);
    assert.equal(camera.config.jitter, 0);
    deliver({ rate: 100, jitter: 0 }, 5, new Set());

    camera.start();
    while (sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    await camera.stop();
    hub.stop();
    assert.equal(sent[0]![0], 'frames');
    const { latencyMs, counters, ...message } = sent[0]![1] as Record<string, unknown>;
    assert.deepEqual(message, { camera: 'belt-1', frame: 1, status: 'scored', httpStatus: 204 });
    assert.equal(typeof latencyMs, 'number');
    assert.ok(counters);
    assert.deepEqual(reported.counters, { ...camera.counters });
    const { payload } = await methods.get('status')!(null);
    assert.deepEqual(payload, { config: camera.config, counters: camera.counters });
  });
});
