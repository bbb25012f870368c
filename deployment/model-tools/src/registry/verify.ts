import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { openPackage } from '@edgeslot/scoring/model';
import { digestFile } from './digest.js';
import { findModel, type RegisteredModel } from './list.js';
import type { SourceManifest } from './source-manifest.js';

/**
 * Checks a registered model as it is checked before it is loaded; a source by the digests of its files. Throws what
 * `openPackage` throws, and an Error that names the file for a source.
 */
export async function verifyModel(modelsDir: string, reference: string): Promise<RegisteredModel> {
  const model = await findModel(modelsDir, reference);
  if (model.source) await verifySource(model.directory, model.source);
  else await openPackage(modelsDir, { name: model.name, version: model.version });
  return model;
}

async function verifySource(directory: string, { files }: SourceManifest): Promise<void> {
  const inside = (await realpath(directory)) + sep;
  for (const [name, expected] of Object.entries(files)) {
    const file = join(directory, name);
    const found = await stat(file).catch(() => undefined);
    if (!found?.isFile()) throw new Error(`${file} is missing; the manifest names it. Register the model again`);
    if (!(await realpath(file)).startsWith(inside)) throw new Error(`${file} is a link that leaves the model`);
    const digest = await digestFile(file);
    if (digest.sha256 !== expected.sha256) {
      throw new Error(`${file} was altered: its sha256 is ${digest.sha256}, the manifest says ${expected.sha256}`);
    }
  }
}
