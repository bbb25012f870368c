import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { confusionTable } from './confusion.js';
import { holdOut } from './hold-out.js';

const picture = (label: number, index: number) => ({
  file: `${label}/${index}`,
  label,
  sha256: createHash('sha256').update(`${label} ${index}`).digest('hex'),
});

test('every class has pictures on both sides, none on two, whatever the order and the share', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 2, max: 30 }), { minLength: 1, maxLength: 5 }),
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      fc.integer(),
      (counts, share, seed) => {
        const pictures = counts.flatMap((count, label) => Array.from({ length: count }, (_, i) => picture(label, i)));
        const { training, heldOut } = holdOut(pictures, share, seed);
        assert.equal(new Set([...training, ...heldOut]).size, pictures.length);
        for (const label of counts.keys()) {
          assert.ok(training.some((one) => one.label === label) && heldOut.some((one) => one.label === label));
        }
        const again = holdOut([...pictures].reverse(), share, seed);
        assert.deepEqual(new Set(again.heldOut), new Set(heldOut));
      },
    ),
    { numRuns: 100 },
  );
});

test('another seed holds out other pictures, the same seed the same', () => {
  const pictures = Array.from({ length: 100 }, (_, index) => picture(0, index));
  const held = (seed: number) => holdOut(pictures, 0.25, seed).heldOut.map(({ file }) => file);
  assert.equal(held(1).length, 25);
  assert.deepEqual(held(1), held(1));
  assert.notDeepEqual(held(1), held(2));
});

test('the confusion table counts what was said of each class', () => {
  const scores = Float32Array.of(0.9, 0.1, 0.2, 0.8, 0.3, 0.7);
  const { accuracy, table } = confusionTable(scores, [0, 0, 1], 2);
  assert.deepEqual(table, [
    [1, 1],
    [0, 1],
  ]);
  assert.ok(Math.abs(accuracy - 2 / 3) < 1e-9);
});
