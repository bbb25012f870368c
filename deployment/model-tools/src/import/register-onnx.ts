import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openPackage, type Recipe } from '@edgeslot/scoring/model';
import { digestFile } from '../registry/digest.js';
import { writeDurably } from '../registry/durable.js';
import { MANIFEST_FILE } from '../registry/layout.js';
import { type PackageDraft, publishPackage } from '../registry/publish.js';
import { runTask } from '../worker/run-task.js';
import { habitOf } from './recipe-file.js';
import type { RegisteredPackage, RegisterOptions, Workshop } from './registration.js';

/** An ONNX file: cut in two, run once, labelled, and checked as a package before it is published. */
export async function registerOnnx(options: RegisterOptions, { staging }: Workshop): Promise<RegisteredPackage> {
  const { modelsDir, path, name, description, tags = {}, split, recipe, labels, signal } = options;
  // As a registry of its own with one version, so that the package can be opened as any other.
  const folder = join(staging, name, '1');
  await mkdir(folder, { recursive: true });
  const imported = await runTask(
    {
      task: 'import-onnx',
      file: path,
      staging: folder,
      ...(split !== undefined && { split }),
      ...(recipe !== undefined && { recipe }),
    },
    { ...(signal && { signal }) },
  );
  const { classes } = imported;
  if (labels && labels.length !== classes) {
    throw new RangeError(`labels: expected ${classes}, one for each class of ${path}, found ${labels.length}`);
  }
  const names = labels ?? Array.from({ length: classes }, (_, index) => `class ${index}`);
  const labelsFile = join(folder, imported.draft.postprocessing.labels);
  await writeDurably(labelsFile, `${names.join('\n')}\n`);
  const digests = { ...imported.digests, [imported.draft.postprocessing.labels]: await digestFile(labelsFile) };
  const draft: PackageDraft = { ...imported.draft, name, ...(description !== undefined && { description }), tags };
  const provisional = { schemaVersion: 1, ...draft, version: 1, created: new Date().toISOString(), files: digests };
  await writeDurably(join(folder, MANIFEST_FILE), JSON.stringify(provisional));
  await openPackage(staging, { name, version: 1 }, { ...(signal && { signal }) }).catch((error: Error) => {
    // The manifest is ours and goes with the staging directory: the fault is of what it was made from.
    error.message = error.message.replaceAll(join(folder, MANIFEST_FILE), path).replaceAll(folder, path);
    throw error;
  });
  const manifest = await publishPackage(modelsDir, folder, draft, { digests, ...(signal && { signal }) });
  return { manifest, servable: true, notes: notesOf(options, manifest.preprocessing, imported.split) };
}

function notesOf(options: RegisterOptions, { layout, resize }: Recipe, split: string): string[] {
  return [
    ...(options.split === undefined
      ? [`split at ${split}, the input of the last Gemm or MatMul (--split names another)`]
      : []),
    ...(options.recipe === undefined
      ? [
          `pictures: ${resize.height}x${resize.width} as ${habitOf(layout)} does, ${layout} (--recipe names another way)`,
        ]
      : []),
    ...(options.labels === undefined ? ['labels: the classes have numbers (--labels names them)'] : []),
    ...sharedLabels(options.labels ?? []),
  ];
}

/** No fault: ImageNet has two classes that are called crane. */
function sharedLabels(labels: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const shared = [...counts].filter(([, count]) => count > 1).map(([label]) => `"${label}"`);
  if (shared.length === 0) return [];
  const more = shared.length > 3 ? ` and ${shared.length - 3} more` : '';
  const first = shared.slice(0, 3).join(', ');
  return [`labels: given to more than one class: ${first}${more}; answers tell those apart by classId only`];
}
