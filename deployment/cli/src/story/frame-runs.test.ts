import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { FrameMessage } from './frame-message.js';
import { FrameRuns, type ShownFrames } from './frame-runs.js';

const dropped = (frame: number, reason: string, httpStatus?: number): FrameMessage => ({
  camera: 'belt-1',
  frame,
  status: 'dropped',
  reason,
  ...(httpStatus !== undefined && { httpStatus }),
});
const countOf = (shown: ShownFrames) => ('run' in shown ? shown.run.count : 1);

describe('runs of frames', () => {
  it('shows at most one line in five seconds of a run, and its latest reason', () => {
    const runs = new FrameRuns();
    const shown: ShownFrames[] = [];
    for (let frame = 1; frame <= 25; frame++)
      shown.push(...runs.take('camera', dropped(frame, `BUSY: ${frame} wait`, 503), frame * 500));
    assert.equal(shown.length, 3);
    assert.deepEqual(shown[2], {
      run: { camera: 'belt-1', first: 12, last: 21, count: 10, status: 'dropped', reason: 'BUSY: 21 wait' },
    });
    assert.deepEqual(runs.overdue(14_000), []);
    assert.deepEqual(runs.overdue(15_500).map(countOf), [4]);
    assert.deepEqual(runs.end(), []);
  });

  it('begins anew with another reason, status or answer', () => {
    const runs = new FrameRuns();
    const alone = (frame: FrameMessage) => assert.deepEqual(runs.take('camera', frame, 0), [{ frame }]);
    alone(dropped(1, 'BUSY: the queue is full', 503));
    alone(dropped(2, 'SLOT_NOT_AVAILABLE: belt-object is LOADING', 503));
    alone({ ...dropped(3, 'connect ECONNREFUSED 127.0.0.1:8080'), status: 'failed' });
    assert.deepEqual(
      runs.take('camera', { ...dropped(4, 'connect ECONNREFUSED 127.0.0.2:8080'), status: 'failed' }, 0),
      [],
    );
    assert.deepEqual(runs.take('camera', { camera: 'belt-1', frame: 5, status: 'scored' }, 0).map(countOf), [1, 1]);
    alone(dropped(6, 'BUSY: the queue is full', 503));
  });

  it('a frame that was never sent joins what keeps it from being sent', () => {
    const runs = new FrameRuns();
    assert.equal(runs.take('camera', dropped(1, 'not sent'), 0).length, 1);
    assert.equal(runs.take('camera', dropped(2, 'SWAP: loading', 503), 0).length, 0);
    assert.equal(runs.take('camera', dropped(3, 'replaced'), 0).length, 0);
    assert.equal(runs.take('camera', dropped(4, 'BUSY: full', 503), 0).length, 2);
  });

  it('shows every frame exactly once, whatever comes', () => {
    const message = fc.record({
      camera: fc.constantFrom('belt-1', 'belt-2'),
      status: fc.constantFrom('scored', 'dropped', 'failed'),
      reason: fc.constantFrom('BUSY: 1', 'BUSY: 2', 'SWAP: x', 'no route 7', 'no route 8'),
      sent: fc.boolean(),
      module: fc.constantFrom('one', 'other'),
      wait: fc.nat(3000),
      next: fc.constantFrom('nothing', 'nothing', 'overdue', 'end one', 'end all'),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 80 }), (messages) => {
        const runs = new FrameRuns();
        const shown: ShownFrames[] = [];
        let now = 0;
        for (const [index, { status, sent, module, wait, next, ...rest }] of messages.entries()) {
          now += wait;
          const frame: FrameMessage = { ...rest, frame: index + 1, status, ...(sent && { httpStatus: 503 }) };
          const said = runs.take(module, frame, now);
          if (status === 'scored') assert.deepEqual(said.at(-1), { frame });
          shown.push(...said);
          if (next === 'overdue') shown.push(...runs.overdue(now));
          if (next === 'end one') shown.push(...runs.end('one'));
          if (next === 'end all') shown.push(...runs.end());
        }
        shown.push(...runs.end());
        const count = (status: string) =>
          shown.reduce(
            (sum, each) => sum + (('run' in each ? each.run : each.frame).status === status ? countOf(each) : 0),
            0,
          );
        for (const status of ['scored', 'dropped', 'failed'])
          assert.equal(count(status), messages.filter((one) => one.status === status).length);
        for (const each of shown)
          if ('run' in each) assert.ok(each.run.count >= 2 && each.run.last - each.run.first + 1 >= each.run.count);
      }),
    );
  });
});
