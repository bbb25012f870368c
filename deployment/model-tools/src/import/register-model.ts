import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkTexts } from '../registry/check-texts.js';
import { checkModelName, MANIFEST_FILE } from '../registry/layout.js';
import { parseSourceManifest } from '../registry/source-manifest.js';
import { openRegistry, openStaging, removeStaging, stagingOwner } from '../registry/staging.js';
import { registerOnnx } from './register-onnx.js';
import { registerPackage } from './register-package.js';
import { registerSavedModel } from './register-saved-model.js';
import type { RegisteredPackage, RegisterOptions } from './registration.js';

/** A path that holds nothing to register. */
export class ModelPathError extends Error {
  override readonly name = 'ModelPathError';
}

/**
 * Registers what lies at a path as the next version of a model. A package is checked as before it is loaded, an ONNX
 * file is cut and run once; nothing is published before that, and nothing half-made stays.
 *
 * Throws ModelPathError, RangeError (an option), ScoringError (a package), Error (an ONNX file).
 */
export async function registerModel(options: RegisterOptions): Promise<RegisteredPackage> {
  const { modelsDir, name, tags } = options;
  checkModelName(name);
  checkTexts(options.description, tags);
  const path = resolve(options.path);
  const register = await registrarOf(path, options);
  await openRegistry(modelsDir);
  const owner = stagingOwner();
  try {
    return await register({ ...options, path }, { staging: await openStaging(modelsDir, owner) });
  } finally {
    await removeStaging(modelsDir, owner);
  }
}

async function registrarOf(path: string, options: RegisterOptions) {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new ModelPathError(`Error, provided model path "${options.path}" cannot be found`);
  if (found.isFile()) return registerOnnx;
  for (const field of ['split', 'recipe', 'labels'] as const) {
    if (options[field] !== undefined)
      throw new RangeError(`--${field} is for an ONNX file; ${options.path} is a directory`);
  }
  const manifest = join(path, MANIFEST_FILE);
  // Reading a pipe would wait for its writer.
  const isFile = await stat(manifest).then(
    (stats) => stats.isFile(),
    () => false,
  );
  const text = isFile ? await readFile(manifest, 'utf8') : undefined;
  if (text !== undefined) return parseSourceManifest(text) ? registerSavedModel : registerPackage;
  for (const file of ['saved_model.pb', 'saved_model.pbtxt']) {
    if (await stat(join(path, file)).catch(() => undefined)) return registerSavedModel;
  }
  throw new ModelPathError(
    `${options.path} holds no model: expected model.json (a package), saved_model.pb (TensorFlow), or the path of an ONNX file`,
  );
}
