import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type ModelId, openPackage } from '@edgeslot/scoring/model';
import { deleteModel } from '../registry/delete.js';
import { idOf } from '../registry/layout.js';
import { listModels, showModel } from '../registry/list.js';
import { type PackageDraft, publishPackage } from '../registry/publish.js';
import { openStaging, stagingOwner } from '../registry/staging.js';
import { registerTiny } from '../testing/tiny-package.js';
import type { DamagedModel, DemoPhase } from './demo-models.js';
import { DEMO_RECIPE, type DemoRecipe, recipeKey } from './demo-recipe.js';
import { ensureDemoModels } from './ensure-demo-models.js';
import { makeDemoModels } from './make-demo-models.js';
import { TRAITS } from './traits.js';

let base: string;
/** Far too little to learn from: these tests look at the making, not at the models. */
const SMALL: DemoRecipe = {
  weightSeed: 1,
  training: { first: 0, count: 12 },
  unseen: { first: 500_000, count: 4 },
  leastAccuracy: 0,
};

before(async () => {
  base = await mkdtemp(join(tmpdir(), 'edgeslot-demo-'));
});
after(async () => {
  await rm(base, { recursive: true });
});

async function idsIn(modelsDir: string): Promise<string[]> {
  return (await listModels(modelsDir)).map(({ id }) => id);
}

/** A small model with tags or a parent of its own. */
async function registeredTiny(modelsDir: string, name: string, change: Partial<PackageDraft> = {}) {
  const id = await registerTiny(modelsDir, name);
  if (Object.keys(change).length === 0) return showModel(modelsDir, id);
  const { manifest, directory } = await showModel(modelsDir, id);
  const { schemaVersion: _s, version: _v, created: _c, files, ...draft } = manifest;
  const staging = await openStaging(modelsDir, stagingOwner());
  for (const file of Object.keys(files)) await copyFile(join(directory, file), join(staging, file));
  const published = await publishPackage(modelsDir, staging, { ...draft, ...change });
  await deleteModel(modelsDir, id);
  return showModel(modelsDir, idOf(published));
}

test('both models are made over one featurizer, found again, and made anew when damaged', async () => {
  const modelsDir = join(base, 'made');
  const phases: DemoPhase[] = [];
  const first = await ensureDemoModels({
    modelsDir,
    recipe: SMALL,
    onProgress: ({ phase, done, total }) => {
      assert.ok(done > 0 && done <= total, `${phase} ${done} of ${total}`);
      if (phases.at(-1) !== phase) phases.push(phase);
    },
  });
  assert.deepEqual(phases, ['weights', 'render', 'features', 'train', 'publish']);
  assert.deepEqual(
    first.models.map(({ id }) => id),
    ['belt-object:1', 'belt-colour:1'],
  );
  assert.equal(first.made, true);
  for (const [index, name] of ['belt-object', 'belt-colour'].entries()) {
    const { labels, manifest } = await openPackage(modelsDir, { name });
    assert.deepEqual(labels, first.models[index]!.classes);
    assert.equal(manifest.tags.accuracy, String(first.models[index]!.accuracy));
    assert.deepEqual(manifest.device?.output.shape, [1, 7, 7, 2048]);
  }
  const inode = async (id: string) => (await stat(join(modelsDir, id, 'featurizer.onnx'))).ino;
  assert.equal(await inode('belt-object/1'), await inode('belt-colour/1'));
  assert.deepEqual(await ensureDemoModels({ modelsDir, recipe: SMALL }), {
    models: first.models,
    made: false,
    removed: [],
  });

  const slower = await makeDemoModels({
    modelsDir,
    owner: stagingOwner(),
    recipe: SMALL,
    traits: TRAITS,
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  assert.deepEqual(slower, first.models, 'whoever comes second takes what the first has published');

  await truncate(join(modelsDir, 'belt-colour/1/classifier.onnx'), 10);
  const classifier = join(modelsDir, 'belt-object/1/classifier.onnx');
  const bytes = await readFile(classifier);
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(classifier, bytes);
  const damaged: DamagedModel[] = [];
  const again = await ensureDemoModels({ modelsDir, recipe: SMALL, onDamaged: (model) => damaged.push(model) });
  assert.deepEqual(
    again.models.map(({ id }) => id),
    ['belt-object:2', 'belt-colour:2'],
  );
  assert.equal(await inode('belt-object/1'), await inode('belt-colour/2'));
  assert.deepEqual(
    damaged.map(({ id }) => id),
    ['belt-object:1', 'belt-colour:1'],
  );
  assert.match(damaged[0]!.text, /belt-object\/1\/classifier\.onnx/);
  assert.equal((await openPackage(modelsDir, { name: 'belt-object' })).id.version, 2);

  // The newest versions replace the damaged ones: those go when nothing uses them.
  const usersOf = async ({ name }: ModelId) => (name === 'belt-colour' ? ['the slot'] : []);
  const cleaned = await ensureDemoModels({ modelsDir, recipe: SMALL, usersOf });
  assert.deepEqual(cleaned, { models: again.models, made: false, removed: ['belt-object:1'] });
  assert.deepEqual(await idsIn(modelsDir), ['belt-colour:1', 'belt-colour:2', 'belt-object:2']);
});

test('somebody’s own model under a demo model’s name is what is served, and its parent stays', async () => {
  const modelsDir = join(base, 'own');
  await registeredTiny(modelsDir, 'belt-colour');
  const tags = { recipe: 'of an earlier program' };
  const old = await registeredTiny(modelsDir, 'belt-object', { tags });
  const parent = await registeredTiny(modelsDir, 'belt-object', { tags });
  const own = await registeredTiny(modelsDir, 'belt-object', {
    parent: parent.id,
    tags: { accuracy: '0.75', measuredOn: '8' },
  });
  const usersOf = async () => [];
  assert.deepEqual(await ensureDemoModels({ modelsDir, usersOf }), {
    models: [
      { id: own.id, own: true, accuracy: 0.75, measuredOn: 8, classes: own.labels },
      { id: 'belt-colour:1', own: true, classes: own.labels },
    ],
    made: false,
    removed: [old.id],
  });
  await deleteModel(modelsDir, own.id);
  const stop = new AbortController();
  const onProgress = () => stop.abort(new Error('it is being made'));
  await assert.rejects(ensureDemoModels({ modelsDir, signal: stop.signal, onProgress }), /it is being made/);
  assert.deepEqual(await idsIn(modelsDir), ['belt-colour:1', parent.id]);
});

test('a model that is not good enough is not published, and the error says what was measured', async () => {
  const modelsDir = join(base, 'poor');
  const recipe = { ...SMALL, leastAccuracy: 1.01 };
  await assert.rejects(
    ensureDemoModels({ modelsDir, recipe }),
    /belt-object: expected at least 101.0 % of 4 unseen frames right, measured /,
  );
  assert.deepEqual(await readdir(modelsDir, { recursive: true }), ['.staging']);
});

test('stopped at any step it rejects with the reason and leaves nothing', async () => {
  const modelsDir = join(base, 'stopped');
  for (const step of ['weights', 'render'] satisfies DemoPhase[]) {
    const stop = new AbortController();
    const reason = new Error(`stopped at ${step}`);
    const made = ensureDemoModels({
      modelsDir,
      recipe: SMALL,
      signal: stop.signal,
      onProgress: ({ phase }) => {
        if (phase === step) stop.abort(reason);
      },
    });
    await assert.rejects(made, reason);
    assert.deepEqual(await readdir(modelsDir, { recursive: true }), ['.staging']);
  }
  await assert.rejects(ensureDemoModels({ modelsDir, signal: AbortSignal.abort(new Error('early')) }), /early/);
});

test('a recipe is known by its content', () => {
  assert.equal(recipeKey(DEMO_RECIPE), recipeKey(structuredClone(DEMO_RECIPE)));
  assert.notEqual(recipeKey(DEMO_RECIPE), recipeKey({ ...DEMO_RECIPE, weightSeed: 2 }));
});
