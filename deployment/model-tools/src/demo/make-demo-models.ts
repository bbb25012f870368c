import { join } from 'node:path';
import { sceneFrame } from '@edgeslot/camera/scene';
import type { FileDigest } from '@edgeslot/scoring/model';
import { classifierPackage, PACKAGE_FILES, tailGraph } from '../networks/network-package.js';
import { RESNET50 } from '../networks/resnet.js';
import { weightBytes } from '../onnx/graph.js';
import { writeModel } from '../onnx/write-model.js';
import { writeDurably } from '../registry/durable.js';
import { idOf } from '../registry/layout.js';
import { publishPackage } from '../registry/publish.js';
import { linkOrCopy } from '../registry/share-file.js';
import { openStaging, type StagingOwner } from '../registry/staging.js';
import type { DemoModel, DemoPhase, DemoProgress } from './demo-models.js';
import { type DemoRecipe, recipeKey, seedsOf } from './demo-recipe.js';
import { ACCURACY_TAG, findDemoModel, MEASURED_TAG, RECIPE_TAG } from './existing.js';
import { computeFeatures, renderFrames } from './features.js';
import { rowsOf, trainTrait } from './train-trait.js';
import type { Trait } from './traits.js';

export interface MakeDemoModelsOptions {
  readonly modelsDir: string;
  readonly owner: StagingOwner;
  readonly recipe: DemoRecipe;
  readonly traits: readonly Trait[];
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DemoProgress) => void;
}

/**
 * Makes one package per trait over one shared featurizer: seeded weights, features of synthetic frames, a head each.
 * Nothing is published before every head was measured and found good enough. For worker threads.
 */
export async function makeDemoModels(options: MakeDemoModelsOptions): Promise<DemoModel[]> {
  const { modelsDir, owner, recipe, traits, signal, onProgress } = options;
  const report = (phase: DemoPhase, total: number) => (done: number) => onProgress({ phase, done, total });
  const drafts = traits.map((trait) => ({ trait, draft: draftOf(trait, recipe) }));
  const { draft: common } = drafts[0]!;

  const workshop = await openStaging(modelsDir, owner);
  const featurizer = join(workshop, PACKAGE_FILES.featurizer);
  const graph = RESNET50.featurizer(recipe.weightSeed);
  const tail = tailGraph(RESNET50, recipe.weightSeed, graph);
  const written = report('weights', weightBytes(graph));
  const digest = await writeModel(graph, featurizer, {
    signal,
    onProgress: (bytes) => written(Math.min(bytes, weightBytes(graph))),
  });

  const seeds = [...seedsOf(recipe.training), ...seedsOf(recipe.unseen)];
  const scenes = seeds.map(sceneFrame);
  const frames = await renderFrames(seeds, { signal, onStep: report('render', seeds.length) });
  const onStep = report('features', seeds.length);
  const features = await computeFeatures(featurizer, common, frames, { signal, onStep });
  const split = recipe.training.count;
  const training = { features: rowsOf(features, 0, split), frames: scenes.slice(0, split) };
  const unseen = { features: rowsOf(features, split, seeds.length), frames: scenes.slice(split) };

  const trained = [];
  for (const { trait, draft } of drafts) {
    signal.throwIfAborted();
    const result = await trainTrait(trait, draft.classifier!, training, unseen);
    if (result.accuracy < recipe.leastAccuracy) throw new Error(shortfall(trait, result.accuracy, recipe));
    trained.push({ trait, draft, ...result });
    report('train', drafts.length)(trained.length);
  }

  const models: DemoModel[] = [];
  for (const { trait, draft, classifier, accuracy } of trained) {
    signal.throwIfAborted();
    // Another process may have made it meanwhile: one version of it is enough.
    const made = await findDemoModel(modelsDir, trait, recipeKey(recipe), { signal });
    if (made) {
      models.push(made);
      report('publish', trained.length)(models.length);
      continue;
    }
    const staging = await openStaging(modelsDir, owner);
    await linkOrCopy(featurizer, join(staging, PACKAGE_FILES.featurizer));
    const digests: Record<string, FileDigest> = {
      [PACKAGE_FILES.featurizer]: digest,
      [PACKAGE_FILES.tail]: await writeModel(tail, join(staging, PACKAGE_FILES.tail)),
      [PACKAGE_FILES.classifier]: await writeModel(classifier, join(staging, PACKAGE_FILES.classifier)),
    };
    await writeDurably(join(staging, PACKAGE_FILES.labels), `${trait.classes.join('\n')}\n`);
    const tags = { ...draft.tags, [ACCURACY_TAG]: String(accuracy), [MEASURED_TAG]: String(recipe.unseen.count) };
    const manifest = await publishPackage(modelsDir, staging, { ...draft, tags }, { digests, signal });
    models.push({ id: idOf(manifest), own: false, accuracy, measuredOn: recipe.unseen.count, classes: trait.classes });
    report('publish', trained.length)(models.length);
  }
  return models;
}

function draftOf(trait: Trait, recipe: DemoRecipe) {
  return classifierPackage(RESNET50, {
    name: trait.model,
    description: trait.description,
    tags: { demo: 'true', [RECIPE_TAG]: recipeKey(recipe), trainedOn: String(recipe.training.count) },
    classes: trait.classes.length,
  });
}

function shortfall(trait: Trait, accuracy: number, { unseen, leastAccuracy }: DemoRecipe): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  return `${trait.model}: expected at least ${percent(leastAccuracy)} of ${unseen.count} unseen frames right, measured ${percent(accuracy)}; nothing was published`;
}
