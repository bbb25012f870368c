import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { loadSampler, type SamplePlan } from './index.js';

const loaded = loadSampler();
const skip = loaded ? false : 'the native addon is not built';

/** Two by two pixels to one, half-way between all of them. */
function plan(): SamplePlan & { x: { low: Int32Array; high: Int32Array; weight: Float32Array } } {
  const axis = () => ({ low: Int32Array.of(0), high: Int32Array.of(1), weight: Float32Array.of(0.5) });
  const row = { means: Float32Array.of(1, 2, 3), scales: Float32Array.of(2, 2, 2), scratch: new Float32Array(6) };
  return { kind: 'bilinear', width: 2, height: 2, planar: false, reversed: false, ...row, x: axis(), y: axis() };
}

/** The triangle filter's three taps on a side of two. */
function filter(): SamplePlan {
  const axis = () => ({
    first: Int32Array.of(0),
    count: Int32Array.of(2),
    weights: Float32Array.of(0.25, 0.75),
    taps: 2,
  });
  return { ...plan(), kind: 'filter', x: axis(), y: axis() };
}

const PIXELS = Uint8Array.of(0, 10, 20, 4, 14, 24, 8, 18, 28, 12, 22, 32);

describe('the native sampler', { skip }, () => {
  const sample = loaded!;

  it('blends, subtracts, multiplies and orders', () => {
    const target = new Float32Array(3);
    sample(PIXELS, plan(), target);
    assert.deepEqual([...target], [(6 - 1) * 2, (16 - 2) * 2, (26 - 3) * 2]);
    sample(PIXELS, { ...plan(), reversed: true }, target);
    assert.deepEqual([...target], [(26 - 1) * 2, (16 - 2) * 2, (6 - 3) * 2]);
    sample(PIXELS, filter(), target);
    assert.deepEqual([...target], [(9 - 1) * 2, (19 - 2) * 2, (29 - 3) * 2]);
  });

  const refusals: [string, () => SamplePlan, string][] = [
    [
      'a column outside',
      () => ({ ...plan(), x: { ...plan().x, high: Int32Array.of(2) } }),
      'x.high: expected pixels below 2, found 2',
    ],
    [
      'a negative row',
      () => ({ ...plan(), y: { ...plan().x, low: Int32Array.of(-1) } }),
      'y.low: expected pixels below 2, found 4294967295',
    ],
    [
      'fewer weights than pixels',
      () => ({ ...plan(), x: { ...plan().x, weight: new Float32Array(0) } }),
      'x.weight: expected 1 values, found 0',
    ],
    ['a larger picture', () => ({ ...plan(), height: 3 }), 'pixels: expected 18 bytes or more, found 12'],
    ['a picture of no width', () => ({ ...plan(), width: 0 }), 'width: expected 1 to 1048576, found 0'],
    [
      'a picture whose size overflows',
      () => ({ ...plan(), width: 2 ** 40, height: 2 ** 40 }),
      `width: expected 1 to 1048576, found ${2 ** 40}`,
    ],
    [
      'too little scratch',
      () => ({ ...plan(), scratch: new Float32Array(5) }),
      'scratch: expected 6 floats or more, found 5',
    ],
    ['too few means', () => ({ ...plan(), means: new Float32Array(2) }), 'means: expected 3 values, found 2'],
    [
      'a run that leaves',
      () => ({ ...filter(), x: { ...filter().x, first: Int32Array.of(1) } as SamplePlan['x'] }),
      'x.count: expected at most 1, found 2',
    ],
    [
      'more taps than pixels',
      () => ({ ...filter(), y: { ...filter().y, taps: 3 } as SamplePlan['y'] }),
      'y.taps: expected 1 to 2, found 3',
    ],
    [
      'no pixel at all',
      () => ({
        ...filter(),
        x: { first: new Int32Array(0), count: new Int32Array(0), weights: new Float32Array(0), taps: 1 },
      }),
      'x: expected one pixel or more, found 0',
    ],
  ];
  for (const [what, make, message] of refusals) {
    it(`refuses ${what}, and writes nothing`, () => {
      const target = new Float32Array(3).fill(7);
      assert.throws(() => sample(PIXELS, make(), target), { name: 'RangeError', message: `sample: ${message}` });
      assert.deepEqual([...target], [7, 7, 7]);
    });
  }

  it('refuses a small target, and arguments of another kind', () => {
    assert.throws(() => sample(PIXELS, plan(), new Float32Array(2)), /target: expected 3 floats or more, found 2/);
    const call = sample as (...args: unknown[]) => void;
    const target = new Float32Array(3);
    for (const [args, message] of [
      [[[], plan(), target], 'pixels: expected a Uint8Array'],
      [[PIXELS, undefined, target], 'plan: expected an object'],
      [[PIXELS, plan(), new Float64Array(3)], 'target: expected a Float32Array'],
      [[PIXELS, { ...plan(), planar: 1 }, target], 'planar: expected true or false'],
      [[PIXELS, { ...plan(), width: '2' }, target], 'width: expected a number'],
      [[PIXELS, { ...plan(), kind: 'cubic' }, target], 'kind: expected "bilinear" or "filter"'],
      [[PIXELS, { ...plan(), x: { ...plan().x, low: [0] } }, target], 'x.low: expected an Int32Array'],
      [[], 'pixels: expected a Uint8Array'],
    ] as [unknown[], string][]) {
      assert.throws(() => call(...args), { name: 'TypeError', message: `sample: ${message}` });
    }
  });

  it('works in worker threads, several at once', async () => {
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      import(workerData.index).then(({ loadSampler }) => {
        const target = new Float32Array(3);
        for (let i = 0; i < 1000; i++) loadSampler()(workerData.pixels, workerData.plan, target);
        parentPort.postMessage([...target]);
      });`;
    const workerData = { index: new URL('./index.js', import.meta.url).href, pixels: PIXELS, plan: plan() };
    const inWorker = () =>
      new Promise<unknown>((resolve, reject) => {
        const worker = new Worker(code, { eval: true, workerData });
        worker.once('message', resolve).once('error', reject);
      });
    for (const found of await Promise.all([inWorker(), inWorker(), inWorker()])) assert.deepEqual(found, [10, 28, 46]);
  });
});

it('there is none without the addon, or with one that was built before it', () => {
  assert.equal(
    loadSampler(() => ({ error: 'no such file' })),
    undefined,
  );
  assert.equal(
    loadSampler(() => ({ addon: { probe: async () => [] } })),
    undefined,
  );
});
