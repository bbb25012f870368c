import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ModuleStatus, RuntimeEvent } from '@edgeslot/edge-runtime';
import { RunView } from './run-view.js';
import { Story } from './story.js';
import { plain } from './style.js';

const TIME = '2026-01-02T03:04:05.000Z';

function teller(logSeverity = 4) {
  const view = new RunView(() => 1234.4);
  const story = new Story(view, { paint: plain, logSeverity, columns: () => 100 });
  return {
    view,
    /** The lines of an event without their clock. */
    tell: (event: Partial<RuntimeEvent> & { type: RuntimeEvent['type'] }): string[] => {
      const whole = { time: TIME, ...event } as RuntimeEvent;
      return story.lines(whole, view.take(whole)).map((line) => line.replace(/^\d\d:\d\d:\d\d {2}/, ''));
    },
  };
}

const frame = (body: Record<string, unknown>): RuntimeEvent => ({
  time: TIME,
  type: 'message',
  module: 'camera',
  output: 'frames',
  sink: '$upstream',
  properties: {},
  systemProperties: {},
  body: { camera: 'belt-1', frame: 17, ...body },
});

const scoring: ModuleStatus = {
  name: 'scoring',
  image: 'edgeslot/scoring:1.0.0-a',
  command: 'node scoring.js',
  pid: 4213,
  address: '127.77.0.2',
  ports: [
    { container: '50051/tcp', host: '127.0.0.1:50051' },
    { container: '8080/tcp', host: '127.0.0.1:18080' },
  ],
  desiredStatus: 'running',
  runtimeStatus: 'running',
  statusDescription: '',
  restartPolicy: 'always',
  restartCount: 0,
  connected: false,
};

describe('the story', () => {
  it('shows a scored frame in columns', () => {
    const { tell, view } = teller();
    const [line] = tell(
      frame({
        status: 'scored',
        label: 'bottle standing',
        confidence: 0.9823,
        latencyMs: 43.1,
        model: 'belt-object:1',
      }),
    );
    assert.equal(line, 'belt-1          #17  bottle standing    98.2 %    43 ms  belt-object:1');
    assert.equal(view.firstScoreMs, 1234);
  });

  it('shows a detector’s best object and how many more there are', () => {
    const { tell } = teller();
    const lineOf = (objects: number) => tell(frame({ status: 'scored', label: 'bolt', confidence: 0.91, objects }))[0]!;
    assert.equal(lineOf(1), 'belt-1          #17  bolt               91.0 %');
    assert.equal(lineOf(3), 'belt-1          #17  bolt +2            91.0 %');
  });

  it('shows a frame that was not scored with its reason', () => {
    const { tell } = teller();
    assert.deepEqual(tell(frame({ status: 'dropped', reason: 'a newer frame came first' })), [
      'belt-1          #17  dropped  a newer frame came first',
    ]);
    assert.deepEqual(tell(frame({ status: 'failed', httpStatus: 500 })), ['belt-1          #17  failed   HTTP 500']);
  });

  it('shows a run of frames that were not scored as its first and one line, in the same columns', () => {
    const { tell } = teller();
    const loading = { status: 'dropped', httpStatus: 503, reason: 'SLOT_NOT_AVAILABLE: the model is loading' };
    const pause = { status: 'dropped', reason: 'not sent: the server asked for a pause' };
    const lines = Array.from({ length: 22 }, (_, i) =>
      tell(frame({ frame: i + 1, ...(i % 3 === 0 ? loading : pause) })),
    );
    lines.push(tell(frame({ frame: 23, status: 'scored', label: 'carton', confidence: 1, latencyMs: 43 })));
    assert.deepEqual(lines.flat(), [
      'belt-1           #1  dropped  SLOT_NOT_AVAILABLE: the model is loading',
      'belt-1       #2–#22  dropped  21 frames: SLOT_NOT_AVAILABLE: the model is loading',
      'belt-1          #23  carton            100.0 %    43 ms',
    ]);
  });

  it('shows what was held back when the camera or the runtime ends', () => {
    for (const event of [
      { type: 'module', module: 'camera', event: 'exited', text: 'exit code 1' },
      { type: 'stopped' },
    ] as const) {
      const { tell } = teller();
      for (const number of [998, 1234, 1299]) tell(frame({ frame: number, status: 'failed', reason: 'no route' }));
      assert.equal(tell(event)[0], 'belt-1     #1234–99  failed   2 frames: no route');
    }
  });

  it('fits the demo into a terminal of 80 columns', () => {
    const { tell } = teller();
    const scored = { status: 'scored', label: 'bottle standing', confidence: 1, model: 'belt-colour:1' };
    const [line] = tell(frame({ ...scored, frame: 99_999, latencyMs: 9999 }));
    assert.equal('HH:MM:SS  '.length + line!.length, 80);
  });

  it('tells a message that two routes take once', () => {
    const { tell, view } = teller();
    const once = frame({ status: 'scored', label: 'carton', latencyMs: 40 });
    assert.equal(tell(once).length, 1);
    assert.equal(tell({ ...once, sink: 'other/in' } as RuntimeEvent).length, 0);
    assert.equal(view.scoredSeen, 1);
    assert.equal(view.upstreamMessages, 1);
  });

  it('says as what and where a module started', () => {
    const { tell } = teller();
    assert.deepEqual(tell({ type: 'module', module: 'scoring', event: 'started', text: 'started', status: scoring }), [
      'scoring   started edgeslot/scoring:1.0.0-a  pid 4213  at 127.77.0.2',
      '                    ports 127.0.0.1:50051, 127.0.0.1:18080 -> 8080/tcp',
    ]);
  });

  it('tells device and slot once, and again when they change', () => {
    const { tell } = teller();
    const report = (patch: unknown) =>
      tell({ type: 'twin', module: 'scoring', section: 'reported', patch, version: 1 });
    const first = report({
      slot: { state: 'LOADING', model: 'belt-object:1' },
      device: { version: 1, code: 200, kind: 'emulator', reason: 'no Catapult card: /dev/catapult0 does not exist' },
    });
    assert.deepEqual(first, [
      'device    emulator',
      '                    because no Catapult card: /dev/catapult0 does not exist',
      'slot      belt-object:1 LOADING',
    ]);
    assert.deepEqual(report({ counters: { calls: 3 } }), []);
    assert.deepEqual(report({ slot: { state: 'AVAILABLE' } }), ['slot      belt-object:1 AVAILABLE']);
  });

  it('tells the end of each wish for another model, and the lease', () => {
    const { tell } = teller();
    const report = (patch: unknown) =>
      tell({ type: 'twin', module: 'scoring', section: 'reported', patch, version: 1 });
    const wish = { to: 'a:1', requestedBy: 'start', result: 'loaded', at: 'now', durations: {} };
    const swapped = { ...wish, id: 2, from: 'a:1', to: 'b:1', requestedBy: 'method', durations: { blackout: 45.2 } };
    const failed = { ...wish, id: 3, from: 'b:1', to: 'c:9', result: 'failed', error: { code: 'X', text: 'no such' } };
    const slot = { state: 'AVAILABLE', model: 'a:1' };
    assert.equal(report({ slot: { ...slot, history: [{ ...wish, id: 1 }] } }).length, 1);
    assert.deepEqual(report({ slot: { history: [{ ...wish, id: 1 }, swapped] } }), [
      'swap      a:1 -> b:1, asked for by method, nothing served for 45 ms',
    ]);
    assert.deepEqual(report({ slot: { history: [swapped, failed] } }), [
      'swap      b:1 -> c:9 failed, asked for by start: X: no such',
    ]);
    const slotError = { code: 'X', text: 'no such' };
    assert.deepEqual(report({ slot: { error: slotError, history: [{ ...failed, id: 4 }] } }), [
      'slot      a:1 AVAILABLE',
      '                    X: no such',
      'swap      b:1 -> c:9 failed, asked for by start',
    ]);
    assert.deepEqual(report({ lease: { state: 'held', text: 'the lease of catapult0 is held, epoch 3' } }), [
      'lease     the lease of catapult0 is held, epoch 3',
    ]);
    assert.deepEqual(report({ lease: { epoch: 3 } }), []);
  });

  it('shows a refused twin section', () => {
    const { tell } = teller();
    tell({ type: 'twin', module: 'scoring', section: 'reported', patch: { slot: { state: 'AVAILABLE' } }, version: 1 });
    const patch = { telemetry: { version: 3, code: 400, text: 'intervalMs is -5' } };
    assert.deepEqual(tell({ type: 'twin', module: 'scoring', section: 'reported', patch, version: 2 }), [
      'scoring   twin: telemetry 400: intervalMs is -5',
    ]);
  });

  it('shows warnings and errors of the log, and nothing below', () => {
    const { tell } = teller();
    const log = (line: string, stream: 'stdout' | 'stderr' = 'stdout') =>
      tell({ type: 'log', module: 'scoring', stream, line });
    assert.deepEqual(log('<6> 2026-01-02 03:04:05.678 +00:00 [INF] - all is well'), []);
    assert.deepEqual(log('<4> 2026-01-02 03:04:05.678 +00:00 [WRN] - hot'), ['scoring   hot']);
    assert.deepEqual(log('TypeError: x', 'stderr'), ['scoring   TypeError: x']);
    assert.deepEqual(log('(node:12) [DEP0040] DeprecationWarning: punycode', 'stderr'), []);
  });

  it('keeps the columns of a frame whose reason goes on in the next line', () => {
    const { tell } = teller();
    const [first] = tell(frame({ status: 'dropped', reason: 'word '.repeat(40) }));
    assert.match(first!, /^belt-1 {10}#17 {2}dropped {2}word/);
  });

  it('lets no control character of foreign text through, and no line grow long', () => {
    const { tell } = teller();
    const lines = tell(frame({ status: 'failed', reason: `${'word '.repeat(60)}\u001b[2J` }));
    assert.ok(lines.length > 1);
    for (const line of lines) {
      assert.ok(line.length <= 120, line);
      assert.ok(!line.includes('\u001b'));
    }
  });
});
