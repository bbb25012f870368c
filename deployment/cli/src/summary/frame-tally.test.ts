import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { FrameCounters, FrameMessage } from '../story/frame-message.js';
import { FrameTally } from './frame-tally.js';

/** A camera as the module counts: every step posts a frame, answers one, or the process starts again. */
class CountingCamera {
  counters: FrameCounters = { posted: 0, scored: 0, dropped: 0, failed: 0, inFlight: 0 };

  post(): void {
    this.counters = { ...this.counters, posted: this.counters.posted + 1, inFlight: this.counters.inFlight + 1 };
  }

  answer(status: FrameMessage['status']): FrameMessage | undefined {
    if (this.counters.inFlight === 0) return undefined;
    const { counters } = this;
    this.counters = { ...counters, inFlight: counters.inFlight - 1, [status]: counters[status] + 1 };
    return { camera: 'belt-1', frame: this.counters.posted, status, latencyMs: 40, counters: this.counters };
  }
}

const step = fc.constantFrom('post', 'scored', 'dropped', 'failed', 'report', 'restart');

describe('FrameTally', () => {
  it('keeps posted = scored + dropped + failed + in flight, over restarts of the camera', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const tally = new FrameTally();
        let camera = new CountingCamera();
        const answered = { scored: 0, dropped: 0, failed: 0 };
        for (const one of steps) {
          if (one === 'post') camera.post();
          else if (one === 'report') tally.addReported('camera', 'belt-1', camera.counters);
          else if (one === 'restart') {
            tally.moduleEnded('camera');
            camera = new CountingCamera();
          } else {
            const frame = camera.answer(one as FrameMessage['status']);
            if (!frame) continue;
            answered[frame.status]++;
            tally.addFrame('camera', frame);
          }
          const { posted, scored, dropped, failed, inFlight } = tally.counters;
          assert.equal(posted, scored + dropped + failed + inFlight);
          assert.deepEqual({ scored, dropped, failed }, answered);
        }
      }),
    );
  });

  it('does not go back when an older report comes late', () => {
    const tally = new FrameTally();
    const late = { posted: 3, scored: 2, dropped: 0, failed: 0, inFlight: 1 };
    tally.addReported('camera', 'belt-1', { posted: 5, scored: 5, dropped: 0, failed: 0, inFlight: 0 });
    tally.addReported('camera', 'belt-1', late);
    assert.equal(tally.counters.posted, 5);
  });

  it('adds up several cameras', () => {
    const tally = new FrameTally();
    for (const camera of ['a', 'b']) {
      tally.addReported('camera', camera, { posted: 2, scored: 1, dropped: 1, failed: 0, inFlight: 0 });
    }
    assert.deepEqual(tally.counters, { posted: 4, scored: 2, dropped: 2, failed: 0, inFlight: 0 });
  });

  it('counts frames itself when a camera sends no counters', () => {
    const tally = new FrameTally();
    tally.addFrame('camera', { camera: 'x', frame: 1, status: 'scored', latencyMs: 10 });
    tally.addFrame('camera', { camera: 'x', frame: 2, status: 'failed' });
    assert.deepEqual(tally.counters, { posted: 2, scored: 1, dropped: 0, failed: 1, inFlight: 0 });
  });
});
