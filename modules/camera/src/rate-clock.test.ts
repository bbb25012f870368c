import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RateClock, seededRandom } from './rate-clock.js';

describe('rate clock', () => {
  it('keeps the mean rate with jitter, and the same jitter for the same seed', () => {
    const run = (seed: number) => {
      let now = 0;
      const clock = new RateClock(seededRandom(seed), () => now);
      return Array.from({ length: 1000 }, () => {
        now += clock.next({ rate: 10, jitter: 0.5 })!;
        return now;
      });
    };
    const times = run(1);
    assert.deepEqual(run(1), times);
    assert.notDeepEqual(run(2), times);
    assert.ok(Math.abs(times.at(-1)! - 99_900) <= 50);
    const gaps = times.slice(1).map((time, index) => time - times[index]!);
    assert.ok(Math.min(...gaps) >= 49.9 && Math.max(...gaps) <= 150.1);
    assert.ok(new Set(gaps).size > 500);
  });

  it('leaves out what was missed', () => {
    let now = 0;
    const clock = new RateClock(
      () => 0.5,
      () => now,
    );
    assert.equal(clock.next({ rate: 1, jitter: 0 }), 0);
    now = 10_000;
    assert.equal(clock.next({ rate: 1, jitter: 0 }), 0);
    assert.equal(clock.next({ rate: 1, jitter: 0 }), 1000);
    assert.equal(clock.next({ rate: 0, jitter: 0 }), undefined);
  });
});
