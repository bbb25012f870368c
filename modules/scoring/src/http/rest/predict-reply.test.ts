import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { floatText } from './float-text.js';
import { type NamedTensor, predictReply } from './predict-reply.js';

test('a float is written so that it is read as the same float, and no longer than need be', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = floatText(value);
      assert.ok(Object.is(Math.fround(JSON.parse(text) as number), value), text);
      assert.match(text, /[.e]/);
    }),
    { numRuns: 2000 },
  );
  assert.equal(floatText(Math.fround(0.1)), '0.1');
  assert.equal(floatText(3), '3.0');
  assert.equal(floatText(Number.NaN), 'NaN');
  assert.equal(floatText(-Infinity), '-Infinity');
});

const tensor = (key: string, shape: readonly number[]): NamedTensor => {
  const data = Float32Array.from(
    { length: shape.reduce((product, size) => product * size, 1) },
    (_, index) => index / 4,
  );
  return { key, shape, data };
};

/** The plain way: nested lists by recursion. */
const nested = ([size, ...rest]: readonly number[], data: readonly number[]): unknown =>
  size === undefined
    ? data[0]
    : Array.from({ length: size }, (_, index) => {
        const part = data.length / size;
        return nested(rest, data.slice(index * part, (index + 1) * part));
      });

test('row and columnar form hold every value in its place', async () => {
  const tail = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(tail, { minLength: 1, maxLength: 3 }),
      async (batch, tails) => {
        const tensors = tails.map((shape, index) => tensor(`output ${index}`, [batch, ...shape]));
        const columns = Object.fromEntries(tensors.map(({ key, shape, data }) => [key, nested(shape, [...data])]));
        const outputs = tensors.length === 1 ? columns['output 0'] : columns;
        assert.deepEqual(JSON.parse(await predictReply('columnar', tensors)), { outputs });
        const rows = Array.from({ length: batch }, (_, row) => {
          const values = Object.fromEntries(
            Object.entries(columns).map(([key, all]) => [key, (all as unknown[])[row]]),
          );
          return tensors.length === 1 ? values['output 0'] : values;
        });
        assert.deepEqual(JSON.parse(await predictReply('row', tensors)), { predictions: rows });
      },
    ),
  );
});

test('a long reply lets others have their turn', async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  const text = await predictReply('columnar', [tensor('long', [1, 100, 1000])]);
  clearInterval(timer);
  assert.equal((JSON.parse(text) as { outputs: number[][][] }).outputs[0]!.length, 100);
  assert.ok(turns > 3, `${turns} turns`);
});
