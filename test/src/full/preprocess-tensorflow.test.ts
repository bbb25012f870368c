import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Decoder, preprocessImage } from '@edgeslot/scoring/preprocess';
import { damage, FLAVOURS, Random, REFUSED_FLAVOURS } from '@edgeslot/scoring/testing';
import { type PythonEnvironment, stockClients } from './support/python-environment.js';
import {
  type PictureJob,
  pictureJob,
  RECIPE_JOBS,
  type RecipeJob,
  runTensorflow,
} from './support/tensorflow-pictures.js';

const SEED = 5_000_000;
const RANDOM_PICTURES = 160;
const DAMAGED_PICTURES = 6_000;
/** Grey levels; what a tensor's scale makes of them. */
const TOLERANCE = 0.01;
const SIZES = [
  [40, 30],
  [1, 1],
  [17, 5],
  [3, 64],
  [101, 67],
] as const;

let environment: PythonEnvironment;
let folder: string;
const decoder = new Decoder();

before(async () => {
  environment = await stockClients();
  folder = await mkdtemp(join(tmpdir(), 'edgeslot-tensorflow-'));
});

after(() => rm(folder, { recursive: true, force: true }));

test('every flavour in several sizes: the same pixels or a refusal as well', async () => {
  const cases: { name: string; bytes: Uint8Array }[] = [];
  const random = new Random(SEED);
  for (const { name, make } of [...FLAVOURS, ...REFUSED_FLAVOURS]) {
    for (const [width, height] of SIZES) cases.push({ name, bytes: await make(random, width, height) });
  }
  const outcomes = await compareDecoded(cases);
  assert.deepEqual(
    outcomes.filter(({ outcome }) => outcome !== 'same'),
    [],
  );
});

test(`${RANDOM_PICTURES} random pictures, sides of 1 to 4000: the same tensors within ${TOLERANCE} grey levels`, async (t) => {
  const random = new Random(SEED + 1);
  const cases: { name: string; file: string; one: RecipeJob; accurate: boolean }[] = [];
  for (let index = 0; index < RANDOM_PICTURES; index++) {
    const flavour = random.pick(FLAVOURS);
    const [width, height] = randomSize(random);
    const file = join(folder, `random-${index}`);
    await writeFile(file, await flavour.make(random, width, height));
    const one = random.pick(RECIPE_JOBS);
    cases.push({ name: `${flavour.name} ${width}x${height}, ${one.name}`, file, one, accurate: isCmyk(flavour.name) });
  }
  const answers = await runTensorflow(
    environment,
    folder,
    cases.map(({ file, one, accurate }) => pictureJob(file, one, accurate)),
  );
  let refused = 0;
  let furthest = 0;
  for (const [index, { name, file, one }] of cases.entries()) {
    const answer = answers[index]!;
    const bytes = await readFile(file);
    if (answer.error !== undefined) {
      refused++;
      await assert.rejects(preprocessImage(bytes, one.recipe), { code: 'IMAGE_CORRUPT' }, `${name}: ${answer.error}`);
      continue;
    }
    const { tensor } = await preprocessImage(bytes, one.recipe);
    const distance = greyLevels(tensor, await readFile(answer.values!), one);
    assert.ok(distance <= TOLERANCE, `${name}: ${distance} grey levels`);
    furthest = Math.max(furthest, distance);
    await rm(answer.values!);
  }
  t.diagnostic(`largest difference ${furthest} grey levels, ${refused} refused by both`);
});

test(`${DAMAGED_PICTURES} damaged pictures: nearly always the same pixels or a refusal as well`, async (t) => {
  const random = new Random(SEED + 2);
  const files: { name: string; bytes: Buffer }[] = [];
  for (const { name, make } of FLAVOURS) files.push({ name, bytes: Buffer.from(await make(random, 40, 30)) });
  const cases = Array.from({ length: DAMAGED_PICTURES }, () => {
    const { name, bytes } = random.pick(files);
    return { name, bytes: damage(bytes, random.pick(files).bytes, random) };
  });
  const outcomes = await compareDecoded(cases);
  const counted = (format: string) => {
    const all = outcomes.filter(({ name }) => name.startsWith(format) && !isCmyk(name));
    return { all: all.length, other: all.filter(({ outcome }) => outcome !== 'same') };
  };
  // What is left: how libjpeg's releases smooth progressive pictures of which scans are missing, and errors after the
  // last pixel. A GIF whose codes are spoilt is refused, where giflib may guess on.
  for (const [format, bound] of [
    ['jpeg', 0.01],
    ['png', 0.005],
    ['gif', 0.06],
  ] as const) {
    const { all, other } = counted(format);
    t.diagnostic(`${format}: ${other.length} of ${all} otherwise`);
    assert.ok(other.length <= bound * all, JSON.stringify(other, undefined, 2));
  }
});

interface Outcome {
  readonly name: string;
  readonly outcome: string;
}

async function compareDecoded(cases: readonly { name: string; bytes: Uint8Array }[]): Promise<Outcome[]> {
  const jobs: PictureJob[] = [];
  for (const [index, { name, bytes }] of cases.entries()) {
    const file = join(folder, `picture-${index}`);
    await writeFile(file, bytes);
    jobs.push({ file, accurate: isCmyk(name) });
  }
  const answers = await runTensorflow(environment, folder, jobs);
  const outcomes: Outcome[] = [];
  for (const [index, { name, bytes }] of cases.entries()) {
    const answer = answers[index]!;
    const ours = await decodedDigest(bytes);
    const theirs = answer.error ?? `${answer.shape.slice(0, 2)} ${answer.sha256}`;
    const same = ours.refused ? answer.error !== undefined : ours.text === theirs;
    outcomes.push({ name, outcome: same ? 'same' : `${ours.text} / ${theirs}` });
  }
  return outcomes;
}

async function decodedDigest(bytes: Uint8Array): Promise<{ refused: boolean; text: string }> {
  try {
    const { width, height, rgb } = await decoder.decode(bytes, 'picture');
    const digest = createHash('sha256')
      .update(rgb.subarray(0, width * height * 3))
      .digest('hex');
    return { refused: false, text: `${[height, width]} ${digest}` };
  } catch (error) {
    return { refused: true, text: (error as Error).message };
  }
}

/** The largest difference of two tensors, in the picture's grey levels. */
function greyLevels(ours: Float32Array, raw: Buffer, { recipe }: RecipeJob): number {
  const theirs = new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength));
  assert.equal(ours.length, theirs.length);
  const scale = typeof recipe.scale === 'number' ? recipe.scale : Math.min(...recipe.scale);
  let furthest = 0;
  for (const [index, value] of ours.entries()) furthest = Math.max(furthest, Math.abs(value - theirs[index]!));
  return furthest / scale;
}

/** TensorFlow resizes all of a picture before it crops: a narrow one needs gigabytes. */
const STRIP = 50;

/** Sides from 1 to 4000, small ones more often, six megapixels at most. */
function randomSize(random: Random): [number, number] {
  const side = () => Math.max(1, Math.floor(4000 ** ((random.below(1000) + 1) / 1000)));
  const width = side();
  const height = Math.min(side(), Math.floor(6e6 / width));
  return [Math.max(width, Math.ceil(height / STRIP)), Math.max(height, Math.ceil(width / STRIP))];
}

function isCmyk(name: string): boolean {
  return name.includes('CMYK');
}
