import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { DesiredListener, EdgeModule, JsonObject, MethodHandler } from '@edgeslot/edge-module';
import { createLog } from '@edgeslot/edge-module/log';
import type { CameraFrame, ScoredFrame } from '../camera-frame.js';
import { LiveSettings, loadConfig } from '../config/index.js';
import type { DeviceSelection } from '../device/device.js';
import { type ScoringError, scoringError } from '../errors.js';
import { formatModelId, type ModelId, type ModelReference, parseModelReference } from '../model/model-id.js';
import type { Package } from '../model/package.js';
import type { SlotState, SwapOutcome } from '../slot/slot-state.js';
import { configWithDesired, connectHub, type HubServer } from './index.js';

const frame = (camera: string): ScoredFrame => ({
  camera,
  time: '2026-01-02T03:04:05.678Z',
  model: 'belt-object:1',
  numerics: 'int8',
  device: 'emulator',
  picture: 'jpg',
  inferences: [],
  latencyMs: 41.2,
});

const MS_FP = { format: 'ms-fp11', exponentBits: 5, mantissaBits: 5, block: 128, activations: false };
const cardNumbers = (id: ModelId) =>
  ({ id, manifest: { numerics: 'ms-fp', numericsDetail: MS_FP } }) as unknown as Package;

const NO_LANES: HubServer['lanes'] = { change: () => undefined, choice: undefined };

const hubs: { stop(): void }[] = [];

/** A hub over a fake module and a fake house. */
function make(env: Record<string, string> = {}, lanes = NO_LANES) {
  const reported: Record<string, JsonObject | null> = {};
  const only: string[] = [];
  const logged: string[] = [];
  const sent: { output: string; body: unknown }[] = [];
  const methods = new Map<string, MethodHandler>();
  const wishes: { reference: string; by: string; end: (outcome: Partial<SwapOutcome>) => Promise<void> }[] = [];
  let deliver: DesiredListener = () => {};
  let onFrame: (one: CameraFrame) => void = () => {};
  let onState: (state: SlotState) => void = () => {};

  const module = {
    counters: { queued: 0 },
    report: (section: string, value: JsonObject | null) => {
      reported[section] = value;
    },
    reportOnly: (sections: Iterable<string>) => only.push(...sections),
    send: (output: string, body: unknown) => sent.push({ output, body }),
    onMethod: (name: string, handler: MethodHandler) => methods.set(name, handler),
    onDesired: (listener: DesiredListener) => {
      deliver = listener;
    },
  } as unknown as EdgeModule;
  const config = loadConfig({ env, argv: [] });
  const settings = new LiveSettings(config);
  const history: SwapOutcome[] = [];
  const slot = {
    state: { state: 'START', since: '2026-01-02T03:04:05.678Z' } as SlotState,
    get current(): Package | undefined {
      const { state, model } = slot.state;
      return state === 'AVAILABLE' && model ? cardNumbers(model) : undefined;
    },
    lastGood: { name: 'belt-object', version: 1 },
    history,
    onState: (listener: (state: SlotState) => void) => {
      onState = listener;
      return () => {};
    },
    aspire: (reference: ModelReference, by: string) =>
      new Promise<SwapOutcome>((resolve) => {
        const to = formatModelId(reference);
        const end = async (outcome: Partial<SwapOutcome>) => {
          const full = {
            id: 1,
            to,
            requestedBy: by,
            result: 'loaded',
            durations: { load: 1.234 },
            at: 'now',
            ...outcome,
          };
          history.push(full as SwapOutcome);
          resolve(full as SwapOutcome);
          await new Promise((done) => setImmediate(done));
        };
        wishes.push({ reference: to, by, end });
      }),
  };
  const device = { info: { kind: 'emulator', description: 'onnxruntime', lanes: 1, threadsPerLane: 2 } };
  const selection = {
    device,
    reason: 'no card',
    rejected: [{ kind: 'catapult', reason: 'no node' }],
  } as unknown as DeviceSelection;
  const counters = { received: 0, scored: 0, replaced: 0, expired: 0, failed: {}, waiting: 0, inFlight: 0 };
  const hub = connectHub({
    module,
    server: {
      slot,
      scorer: { counters },
      settings,
      selection,
      lanes,
      onFrame: (listener) => {
        onFrame = listener;
        return () => {};
      },
    },
    config,
    version: '1.0.0',
    log: createLog({ write: (line) => logged.push(line) }),
  });
  hubs.push(hub);
  return {
    reported,
    only,
    logged,
    sent,
    methods,
    wishes,
    device,
    settings,
    /** @param named all sections when left out, as with the first twin */
    desire: (properties: JsonObject, version: number, named = Object.keys(properties)) =>
      void deliver(properties, version, new Set(named)),
    frame: (one: CameraFrame) => onFrame(one),
    /** Records the end of somebody else's wish. */
    finish: (outcome: Partial<SwapOutcome>) =>
      void history.push({ id: 9, result: 'loaded', durations: {}, at: 'now', ...outcome } as SwapOutcome),
    show: async (state: SlotState) => {
      slot.state = state;
      onState(state);
      await new Promise((done) => setImmediate(done));
    },
  };
}

describe('the hub of the scoring module', () => {
  // Its timers would keep the process of a failed test alive.
  afterEach(() => {
    for (const hub of hubs.splice(0)) hub.stop();
  });

  it('reports what it is before any twin is known', () => {
    const { reported, only } = make();
    assert.ok(only.includes('slot') && !only.includes('lease'));
    assert.ok(Object.keys(reported).every((name) => only.includes(name)));
    assert.equal(reported.slot?.state, 'START');
    assert.equal(reported.slot?.lastGood, 'belt-object:1');
    assert.equal(reported.device?.kind, 'emulator');
    assert.deepEqual(reported.device?.rejected, [{ kind: 'catapult', reason: 'no node' }]);
    assert.equal(reported.module?.version, '1.0.0');
    assert.equal(reported.counters?.received, 0);
  });

  it('holds the desired model and reports how that went', async () => {
    const { reported, wishes, desire, show } = make({ MODEL_NAME: 'belt-object' });
    desire({ model: { name: 'belt-colour:2' } }, 7);
    assert.equal(wishes[0]?.reference, 'belt-colour:2');
    assert.equal(wishes[0]?.by, 'twin');
    assert.deepEqual(
      { ...reported.model },
      { name: 'belt-colour:2', version: 7, code: 202, text: 'loading belt-colour:2' },
    );
    await show({ state: 'AVAILABLE', model: { name: 'belt-colour', version: 2 }, since: 'now' });
    await wishes[0]!.end({});
    assert.equal(reported.model?.code, 200);
    assert.equal(reported.model?.serving, 'belt-colour:2');
    assert.equal(reported.model?.numerics, 'ms-fp');
    assert.deepEqual(reported.model?.numericsDetail, MS_FP);
    assert.equal(reported.slot?.numerics, 'ms-fp (ms-fp11: 5-bit mantissa, blocks of 128; weights)');
    assert.equal((reported.slot!.history as JsonObject[]).length, 1);
    desire({ model: { name: 'belt-colour:2' }, telemetry: { enabled: false } }, 8, ['telemetry']);
    assert.equal(wishes.length, 1);
    assert.equal(reported.model?.version, 8);
  });

  it('holds the model of the environment when the twin names none', async () => {
    const { reported, wishes, desire } = make({ MODEL_NAME: 'belt-object' });
    desire({}, 1);
    assert.deepEqual([wishes[0]?.reference, wishes[0]?.by], ['belt-object', 'environment']);
    await wishes[0]!.end({ to: 'belt-object:1' });
    assert.deepEqual({ ...reported.model }, { version: 1, code: 200, text: 'belt-object:1 is held, from MODEL_NAME' });
    const without = make();
    without.desire({}, 1);
    assert.equal(without.reported.model?.code, 404);
    assert.equal(without.wishes.length, 0);
  });

  it('reports a model that cannot be had with the status of its error', async () => {
    const { reported, wishes, desire } = make();
    desire({ model: { name: 'nothing:3' } }, 2);
    await wishes[0]!.end({
      result: 'restored',
      from: 'belt-object:1',
      error: { code: 'MODEL_NOT_FOUND', text: 'x'.repeat(9000) },
    });
    assert.equal(reported.model?.code, 404);
    const text = reported.model?.text as string;
    assert.match(text, /^nothing:3: MODEL_NOT_FOUND: x+/);
    assert.ok(text.length <= 500);
  });

  it('takes a failure back when the slot holds the model after all', async () => {
    const { reported, wishes, desire, show } = make();
    desire({ model: { name: 'late' } }, 1);
    const error = { code: 'MODEL_NOT_FOUND', text: 'not there' };
    await wishes[0]!.end({ result: 'failed', error });
    assert.equal(reported.model?.code, 404);
    await show({ state: 'AVAILABLE', model: { name: 'late', version: 1 }, since: 'now', error });
    assert.equal(reported.model?.code, 404, 'an older version serves meanwhile');
    await show({ state: 'AVAILABLE', model: { name: 'other', version: 1 }, since: 'now' });
    assert.equal(reported.model?.code, 404);
    await show({ state: 'AVAILABLE', model: { name: 'late', version: 2 }, since: 'now' });
    assert.deepEqual([reported.model?.code, reported.model?.text], [200, 'late:2 is held']);
  });

  it('says when another wish was newer, and wishes again when the model is desired anew', async () => {
    const { reported, wishes, desire, show, finish } = make();
    desire({ model: { name: 'a:1' } }, 1);
    await show({ state: 'AVAILABLE', model: { name: 'a', version: 1 }, since: 'now' });
    await wishes[0]!.end({});
    finish({ to: 'b:2', requestedBy: 'method' });
    await show({ state: 'AVAILABLE', model: { name: 'b', version: 2 }, since: 'now' });
    assert.deepEqual(
      [reported.model?.code, reported.model?.text, reported.model?.serving],
      [409, 'b:2 was asked for later (method); a:1 is held again when it is desired anew', 'b:2'],
    );
    desire({ model: { name: 'a:1' }, cameras: { topK: 1 } }, 2, ['cameras']);
    assert.equal(wishes.length, 1);
    desire({ model: { name: 'a:1' }, cameras: { topK: 1 } }, 3, ['model']);
    assert.deepEqual(wishes[1]?.reference, 'a:1');
    await show({ state: 'AVAILABLE', model: { name: 'a', version: 1 }, since: 'now' });
    await wishes[1]!.end({});
    assert.deepEqual([reported.model?.code, reported.model?.version], [200, 3]);
    desire({ model: { name: 'c' } }, 4);
    finish({ to: 'b:2', requestedBy: 'rpc' });
    await wishes[2]!.end({ result: 'superseded' });
    assert.deepEqual([reported.model?.code, reported.model?.text], [409, 'c: a newer wish took its place']);
  });

  it('reports a bad value, names it, and keeps the last good one', () => {
    const { reported, logged, wishes, desire, settings } = make();
    desire({ model: { name: 'a:1' }, cameras: { topK: 3 }, telemetry: { intervalMs: 10 } }, 1);
    assert.equal(settings.cameras.topK, 3);
    desire({ model: { name: 'a b' }, cameras: { topK: 'many' }, telemetry: { intervalMs: -1 }, scoring: 5 }, 2);
    assert.equal(settings.cameras.topK, 3);
    assert.equal(wishes.length, 1);
    for (const name of ['model', 'cameras', 'telemetry', 'scoring']) {
      assert.equal(reported[name]?.code, 400, name);
      assert.equal(reported[name]?.version, 2);
    }
    const warned = logged.filter((line) => /^<4>.*twin: cameras: 400 .*topK/.test(line));
    assert.equal(warned.length, 1, logged.join(''));
    assert.match(reported.cameras?.text as string, /topK.*many.*1 to 100.*last good value stays/);
    assert.equal(reported.cameras?.topK, 3);
    assert.equal(reported.swap?.code, 200);
    desire({}, 3);
    assert.equal(settings.cameras.topK, 5);
    assert.equal(reported.cameras?.code, 200);
  });

  it('names what is desired and is no section', () => {
    const { reported, logged, desire } = make();
    desire({ foo: {}, slot: {}, cameras: { topK: 3 } }, 1);
    const text = 'foo, slot: no such section; expected model, device, swap, scoring, cameras, telemetry';
    assert.deepEqual(reported.twin, { version: 1, code: 400, text });
    assert.equal(reported.cameras?.code, 200);
    assert.equal(logged.filter((line) => line.startsWith('<4>') && line.includes(text)).length, 1, logged.join(''));
    desire({ cameras: { topK: 3 } }, 2);
    assert.deepEqual(reported.twin, { version: 2, code: 200, text: 'every section is known' });
  });

  it('says what waits for a restart, and applies that at the start', () => {
    const { reported, desire } = make();
    desire({ device: { choice: 'emulator' }, swap: { drainTimeoutMs: 1 } }, 1);
    assert.equal(reported.device?.code, 202);
    assert.match(reported.device?.text as string, /choice applies when the module starts again/);
    assert.equal(reported.device?.kind, 'emulator');
    assert.deepEqual([reported.swap?.code, reported.swap?.drainTimeoutMs], [200, 1]);
    const config = configWithDesired(loadConfig({ env: {}, argv: [] }), {
      device: { choice: 'emulator' },
      model: { name: 'a:2' },
      swap: 7,
    });
    assert.equal(config.device.choice, 'emulator');
    assert.deepEqual(config.model, parseModelReference('a:2'));
    assert.equal(config.swap.drainTimeoutMs, 10_000);
  });

  it('sends a message per scored frame, as often as the twin allows', () => {
    const { sent, desire, frame: scored } = make();
    scored(frame('belt-1'));
    const { device: _device, picture: _picture, ...body } = frame('belt-1');
    assert.deepEqual(sent, [{ output: 'output1', body }]);
    desire({ telemetry: { intervalMs: 3_600_000 } }, 1);
    for (const camera of ['belt-1', 'belt-1', 'belt-2']) scored(frame(camera));
    assert.equal(sent.length, 2);
    desire({ telemetry: { enabled: false } }, 2);
    scored(frame('belt-3'));
    assert.equal(sent.length, 2);
  });

  it('answers ping and status', async () => {
    const { methods, desire } = make();
    desire({}, 4);
    assert.deepEqual(await methods.get('ping')!(null), { status: 200, payload: { status: 'ok', slot: 'START' } });
    const { status, payload } = await methods.get('status')!(null);
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(payload as object).sort(), [
      'cameras',
      'counters',
      'device',
      'model',
      'module',
      'scoring',
      'slot',
      'swap',
      'telemetry',
    ]);
  });

  it('reports lanes that cannot be, that are being changed, and that were taken back', async () => {
    const asked: unknown[] = [];
    const before = { lanes: 1, threads: 2 } as const;
    let change: HubServer['lanes']['change'] = () => {
      throw scoringError('LANES_IMPOSSIBLE', 64, 'auto', '64 threads on 2 cores', 'at most 8 threads in all');
    };
    const { reported, desire, settings } = make(
      {},
      {
        choice: before,
        change: (choice) => {
          asked.push([choice.lanes, choice.threads]);
          return change(choice);
        },
      },
    );
    const code = () => reported.scoring?.code;
    desire({ scoring: { lanes: 64, timeoutMs: 9 } }, 1);
    assert.equal(code(), 400);
    assert.match(String(reported.scoring?.text), /64 threads on 2 cores.*; the last good value stays$/);
    assert.equal(settings.scoring.timeoutMs, 30_000);

    let settle: (error?: ScoringError) => void = () => {};
    const settled = async (error?: ScoringError) => {
      settle(error);
      await new Promise((done) => setImmediate(done));
    };
    change = () =>
      new Promise((resolve) => {
        settle = resolve;
      });
    desire({ scoring: { lanes: 2 } }, 2);
    assert.equal(code(), 202);
    await settled();
    assert.deepEqual([code(), reported.scoring?.lanes, reported.scoring?.text], [200, 2, 'applied']);
    desire({ scoring: { lanes: 3 } }, 3);
    await settled(scoringError('DEVICE_LOST', 'out of memory'));
    assert.deepEqual([code(), reported.scoring?.lanes, reported.scoring?.threads], [503, 1, 2]);
    assert.match(String(reported.scoring?.text), /out of memory; the last ones stay$/);
    assert.deepEqual(asked, [
      [64, 'auto'],
      [2, 'auto'],
      [3, 'auto'],
    ]);
  });

  it('does not start with lanes that the cores cannot bear', () => {
    const config = loadConfig({ env: {}, argv: [] });
    assert.equal(configWithDesired(config, { scoring: { lanes: 64, threads: 64 } }).scoring.lanes, 'auto');
    assert.equal(configWithDesired(config, { scoring: { lanes: 2, threads: 1 } }).scoring.lanes, 2);
  });

  it('reports the lanes of the model that was loaded', async () => {
    const { reported, show, device } = make();
    device.info = { ...device.info, lanes: 4 };
    assert.equal(reported.device?.lanes, 1);
    await show({ state: 'AVAILABLE', model: { name: 'a', version: 1 }, since: 'now' });
    assert.equal(reported.device?.lanes, 4);
  });
});
