import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  encodePredictionLog,
  floatTensor,
  stringTensor,
  type TensorProto,
  writeTfRecords,
} from '@edgeslot/tensorflow-serving';
import type { FrameInput, FrameScorer } from '../device/device.js';
import { scoringError } from '../errors.js';
import type { Package } from '../model/package.js';
import { fakePackage } from '../testing/fake-device.js';
import { temporaryDirectory } from '../testing/tiny-package.js';
import { warmUp } from './warm-up.js';
import { WARM_UP_FILE, WARM_UP_PICTURE } from './warm-up-frames.js';

const NONE = new AbortController().signal;

async function withRecords(t: TestContext, content: Uint8Array, bytes = content.length): Promise<Package> {
  const directory = await temporaryDirectory(t);
  await mkdir(dirname(join(directory, WARM_UP_FILE)), { recursive: true });
  await writeFile(join(directory, WARM_UP_FILE), content);
  const model = fakePackage('m');
  return { ...model, directory, manifest: { ...model.manifest, files: { [WARM_UP_FILE]: { sha256: '', bytes } } } };
}

const log = (...tensors: TensorProto[]) =>
  encodePredictionLog({ inputs: new Map(tensors.map((one, at) => [`in${at}`, one])), outputFilter: [] });

/** Answers every frame with `value`. */
function scorer(capacity = 1, value = 0.5) {
  const frames: FrameInput[] = [];
  let running = 0;
  let most = 0;
  const answers: FrameScorer = {
    capacity,
    score: async (input) => {
      frames.push(input);
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      const outputs = [{ name: 'out', shape: [1, 1], data: Float32Array.of(value) }];
      return { outputs, timings: { decode: 0, sample: 0, featurize: 0, classify: 0 } };
    },
  };
  return { frames, answers, most: () => most };
}

test('without requests of its own a model scores one picture on every lane', async () => {
  const { frames, answers, most } = scorer(3);
  await warmUp(answers, fakePackage('m'), 1000, NONE);
  assert.deepEqual(frames, Array(3).fill({ kind: 'images', images: [WARM_UP_PICTURE] }));
  assert.equal(most(), 3);
});

test('the requests that a package brings are scored, as many at once as there are lanes', async (t) => {
  const pictures = [Buffer.from('one'), Buffer.from('two')];
  const records = [log(stringTensor(pictures)), log(floatTensor([1, 2], Float32Array.of(3, 4))), log(stringTensor([]))];
  const model = await withRecords(t, writeTfRecords(records));
  const { frames, answers, most } = scorer(2);
  await warmUp(answers, model, 1000, NONE);
  assert.deepEqual(
    frames.map((one) => (one.kind === 'images' ? one.images.map(String) : [one.shape, [...one.data]])),
    [
      ['one', 'two'],
      [
        [1, 2],
        [3, 4],
      ],
      [],
    ],
  );
  assert.equal(most(), 2);
});

test('requests that cannot be read make the package unfit, and it is told where', async (t) => {
  const good = log(stringTensor([Buffer.from('one')]));
  const cases: [Uint8Array, RegExp, number?][] = [
    [writeTfRecords([]), /records: expected at least one, found none/],
    [Buffer.from('nonsense that is long enough'), /records: expected a TFRecord file .* found record 0: its checksum/],
    [writeTfRecords([good]).subarray(0, -1), /found record 0: is cut short/],
    [writeTfRecords([good, Uint8Array.of(0x12, 0)]), /record 1: expected a PredictLog whose request has one tensor/],
    [
      writeTfRecords([log(stringTensor([]), stringTensor([]))]),
      /record 0: expected a PredictLog whose request has one/,
    ],
    [writeTfRecords(Array(1001).fill(good)), /records: expected at most 1000, found more/],
    [writeTfRecords([good]), /size: expected at most 67108864 bytes, found 67108865/, 2 ** 26 + 1],
  ];
  for (const [content, message, bytes] of cases) {
    const model = await withRecords(t, content, bytes);
    await assert.rejects(warmUp(scorer().answers, model, 1000, NONE), { code: 'PACKAGE_WARM_UP', message });
  }
});

test('a frame that is not answered is the package’s fault, and a device’s failure stays its own', async (t) => {
  const failing = (error: Error): FrameScorer => ({ capacity: 1, score: () => Promise.reject(error) });
  const broken = scoringError('IMAGE_CORRUPT', 'images[0]', 3, 'it ends early');
  const own = await withRecords(t, writeTfRecords([log(stringTensor([Buffer.from('one')]))]));
  const none = fakePackage('m');
  const rejects = (error: Error, model: Package, code: string, message: RegExp) =>
    assert.rejects(warmUp(failing(error), model, 1000, NONE), { code, message });
  await rejects(broken, own, 'PACKAGE_WARM_UP', /record 0: expected an answer, found images\[0\]/);
  await rejects(new Error('no kernel'), own, 'PACKAGE_WARM_UP', /no kernel/);
  await rejects(new Error('no kernel'), none, 'PACKAGE_GRAPH', /classifier\.onnx: first frame: .* no kernel/);
  await rejects(scoringError('DEVICE_LOST', 'gone'), own, 'DEVICE_LOST', /gone/);
  const nan = warmUp(scorer(1, Number.NaN).answers, none, 1000, NONE);
  await assert.rejects(nan, { code: 'PACKAGE_GRAPH', message: /values of out: expected finite numbers, found NaN/ });
});

test('a warm-up that is aborted or takes too long ends', async () => {
  const silent: FrameScorer = { capacity: 1, score: () => new Promise(() => {}) };
  await assert.rejects(warmUp(silent, fakePackage('m'), 1, NONE), { code: 'DEVICE_LOST', message: /more than 1 ms/ });
  await assert.rejects(warmUp(scorer().answers, fakePackage('m'), 1000, AbortSignal.abort()), { name: 'AbortError' });
});
