import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { COLOURS, FIRST_CAMERA_SEED, FRAME_HEIGHT, FRAME_WIDTH, OBJECTS, sceneFrame, TRAINING_SEEDS } from './index.js';

const seed = fc.integer({ min: 0, max: 0xffff_ffff });

test('a seed always gives the same frame, and colour is none exactly when the belt is empty', () => {
  fc.assert(
    fc.property(seed, (value) => {
      const frame = sceneFrame(value);
      assert.deepEqual(sceneFrame(value), frame);
      assert.equal(frame.colour === 'none', frame.object === 'empty belt');
      assert.ok(frame.x > 0 && frame.x < FRAME_WIDTH && frame.y > 0 && frame.y < FRAME_HEIGHT);
    }),
  );
});

test('all classes of both traits are equally many in any run of whole blocks', () => {
  for (const first of [0, FIRST_CAMERA_SEED + 8]) {
    const frames = Array.from({ length: 240 }, (_, index) => sceneFrame(first - (first % 12) + index));
    for (const object of OBJECTS) assert.equal(frames.filter((frame) => frame.object === object).length, 60);
    for (const colour of COLOURS) assert.equal(frames.filter((frame) => frame.colour === colour).length, 60);
  }
});

test('the order of classes is shuffled from block to block', () => {
  const kinds = (block: number) =>
    Array.from({ length: 12 }, (_, index) => {
      const { object, colour } = sceneFrame(block * 12 + index);
      return `${object}/${colour}`;
    }).join();
  assert.ok(new Set(Array.from({ length: 50 }, (_, block) => kinds(block))).size > 45);
});

test('training seeds end where camera seeds begin', () => {
  assert.equal(TRAINING_SEEDS.end, FIRST_CAMERA_SEED);
});

test('a seed that is not a 32-bit number is refused by name and value', () => {
  for (const value of [-1, 1.5, 2 ** 32, Number.NaN]) {
    assert.throws(() => sceneFrame(value), { name: 'RangeError', message: new RegExp(`seed: .*got ${value}`) });
  }
});
