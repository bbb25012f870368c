import { formatModelId, numericsText, openPackage, type Package, parseModelReference } from '@edgeslot/scoring/model';
import { checkModelName } from './layout.js';
import { openRegistry } from './staging.js';

export interface OpenFloat32Options {
  readonly modelsDir: string;
  /** `name` or `name:version`. */
  readonly model: string;
  /** Of the model that is to be made; the source's by default. */
  readonly name?: string;
  readonly signal?: AbortSignal;
}

/**
 * Opens a model to make a version of it with other numbers: what was rounded once is not rounded again.
 *
 * Throws what `openPackage` and `openRegistry` throw, RangeError for a bad id or name and for a model that is not
 * float32, and the signal's reason.
 */
export async function openFloat32({ modelsDir, model, name, signal }: OpenFloat32Options): Promise<Package> {
  const reference = parseModelReference(model);
  if (!reference) throw new RangeError(`model: expected name or name:version, got "${model}"`);
  if (name !== undefined) checkModelName(name);
  const source = await openPackage(modelsDir, reference, { ...(signal && { signal }) });
  const { manifest, id } = source;
  if (manifest.numerics !== 'float32') {
    const origin = manifest.parent === undefined ? '' : `; it was made from ${manifest.parent}`;
    throw new RangeError(`${formatModelId(id)}: expected a float32 model, got ${numericsText(manifest)}${origin}`);
  }
  await openRegistry(modelsDir);
  return source;
}
