import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CameraFrame } from '../camera-frame.js';
import { loadConfig, type Sections } from '../config/index.js';
import { type Inference, toClassifications, toEntities } from '../http/inferences.js';
import { FrameTelemetry } from './frame-telemetry.js';

const facts = { model: 'belt-object:1', device: 'emulator', latencyMs: 41.2 };
const seen = (label: string, confidence = 0.9) => toClassifications([{ label, classId: 1, confidence }], facts);
const box = { left: 0.25, top: 0.5, right: 0.5, bottom: 1 };
const objects = (...labels: string[]) =>
  toEntities(
    labels.map((label) => ({ label, classId: 1, confidence: 0.9, box })),
    facts,
  );

/** Telemetry with a clock of its own. */
function make(changes: Partial<Sections['telemetry']> = {}) {
  const settings = { ...loadConfig({ env: {}, argv: [] }).telemetry, ...changes };
  const sent: { body: Record<string, unknown>; properties: Readonly<Record<string, string>> | undefined }[] = [];
  let now = 0;
  const telemetry = new FrameTelemetry(
    (output, body, properties) => {
      assert.equal(output, 'output1');
      sent.push({ body: body as Record<string, unknown>, properties });
    },
    () => settings,
    () => now,
  );
  const time = '2026-01-02T03:04:05.678Z';
  const show = (inferences: readonly Inference[], camera = 'belt-1') => {
    const frame: CameraFrame = {
      camera,
      time,
      model: facts.model,
      numerics: 'int8',
      device: 'emulator',
      picture: 'png',
      inferences,
      latencyMs: facts.latencyMs,
    };
    telemetry.frame(frame);
  };
  const fail = (camera = 'belt-1') =>
    telemetry.frame({ camera, time, error: { code: 'QUEUE_FULL', text: '64 calls wait' } });
  return { sent, show, fail, settings, wait: (ms: number) => (now += ms) };
}

describe('telemetry of camera frames', () => {
  it('tells a frame in which nothing was seen from one that failed', () => {
    const { sent, show, fail } = make();
    show([]);
    fail();
    assert.deepEqual(sent[0]!.body.inferences, []);
    assert.deepEqual(sent[1]!.body, {
      camera: 'belt-1',
      time: '2026-01-02T03:04:05.678Z',
      error: { code: 'QUEUE_FULL', text: '64 calls wait' },
    });
  });

  it('tells failures of a camera once a second', () => {
    const { sent, fail, wait } = make();
    fail();
    fail();
    fail('belt-2');
    wait(999);
    fail();
    assert.equal(sent.length, 2);
    wait(1);
    fail();
    assert.equal(sent.length, 3);
  });

  it('samples each camera by the interval', () => {
    const { sent, show, wait } = make({ intervalMs: 100 });
    show(seen('bottle'));
    show(seen('box'));
    show(seen('box'), 'belt-2');
    wait(100);
    show(seen('box'));
    assert.deepEqual(
      sent.map(({ body }) => body.camera),
      ['belt-1', 'belt-2', 'belt-1'],
    );
  });

  it('sends a change only, also one that an interval held back, and what comes after a failure', () => {
    const { sent, show, fail, wait } = make({ onlyOnChange: true, intervalMs: 100 });
    show(seen('bottle', 0.9));
    wait(100);
    show(seen('bottle', 0.8));
    assert.equal(sent.length, 1);
    show(seen('box'));
    wait(50);
    show(seen('bottle'));
    assert.equal(sent.length, 2, 'too early');
    wait(50);
    show(seen('bottle'));
    assert.equal(sent.length, 3);
    wait(1000);
    fail();
    show(seen('bottle'));
    assert.equal(sent.length, 5);
    wait(100);
    show(seen('bottle'));
    show([]);
    assert.equal(sent.length, 6);
  });

  it('compares objects by what they are and how many, in any order', () => {
    const { sent, show } = make({ onlyOnChange: true });
    show(objects('person', 'car'));
    show(objects('car', 'person'));
    show(objects('car', 'person', 'person'));
    assert.equal(sent.length, 2);
  });

  it('leaves out what is less probable, and sends what is left', () => {
    const { sent, show } = make({ minConfidence: 0.5 });
    show([...seen('bottle', 0.5), ...seen('box', 0.4)]);
    show(seen('box', 0.4));
    assert.deepEqual(
      sent.map(({ body }) => (body.inferences as unknown[]).length),
      [1, 0],
    );
  });

  it('speaks recognition;v1 and image-upload;v1', () => {
    const { sent, show } = make({ format: 'recognition' });
    show([...objects('person'), ...seen('belt')]);
    const about = { cameraId: 'belt-1', time: '2026-01-02T03:04:05.678Z' };
    assert.deepEqual(
      sent.map(({ body }) => body),
      [
        { ...about, type: 'png', procType: 'CPU', procMsec: 41.2, featureCount: 2 },
        { ...about, cls: 'person', score: 0.9, bbymin: 0.5, bbxmin: 0.25, bbymax: 1, bbxmax: 0.5 },
        { ...about, cls: 'belt', score: 0.9, bbymin: 0, bbxmin: 0, bbymax: 1, bbxmax: 1 },
      ],
    );
    assert.deepEqual(
      sent.map(({ properties }) => properties?.['iothub-message-schema']),
      ['image-upload;v1', 'recognition;v1', 'recognition;v1'],
    );
    assert.equal(sent[0]!.properties?.['iothub-creation-time-utc'], about.time);
  });

  it('is silent when it is switched off', () => {
    const { sent, show, fail } = make({ enabled: false });
    show(seen('bottle'));
    fail();
    assert.deepEqual(sent, []);
  });
});
