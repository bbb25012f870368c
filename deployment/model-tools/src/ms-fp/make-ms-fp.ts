import { join } from 'node:path';
import { type ModelManifest, numericsText } from '@edgeslot/scoring/model';
import { openFloat32 } from '../registry/open-float32.js';
import { type PackageDraft, publishPackage } from '../registry/publish.js';
import { besidesFeaturizer, stageBesidesFeaturizer } from '../registry/rewritten-featurizer.js';
import { openStaging, removeStaging, stagingOwner } from '../registry/staging.js';
import { chooseFormat, type MsFpChoice } from './format.js';
import { writeMsFp } from './write-ms-fp.js';

export interface MakeMsFpOptions extends MsFpChoice {
  readonly modelsDir: string;
  /** `name` or `name:version` of a float32 model. */
  readonly model: string;
  /** Name of the model that is made; the source's by default. */
  readonly name?: string;
  /** Rounds what convolutions and matrix products read as well; default false, weights only. */
  readonly activations?: boolean;
  readonly description?: string;
  /** Added to those of the source. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly onProgress?: (progress: MsFpProgress) => void;
  readonly signal?: AbortSignal;
}

export interface MsFpProgress {
  /** Bytes of the featurizer written, of all there will be. */
  readonly done: number;
  readonly total: number;
}

export interface MadeMsFp {
  readonly manifest: ModelManifest;
  /** Convolutions and matrix products whose weights were rounded. */
  readonly products: number;
  readonly weights: number;
}

/**
 * Registers a version of a model whose featurizer has an accelerator card's numbers: block floating point, and half
 * precision at its edges. The classifier stays as it is: on a device too it runs on the CPU in float32.
 *
 * Throws what `openPackage` throws, RangeError for a choice or a graph that does not do, and the signal's reason.
 */
export async function makeMsFp(options: MakeMsFpOptions): Promise<MadeMsFp> {
  const { modelsDir, activations = false, onProgress, signal } = options;
  const format = chooseFormat(options);
  const running = signal && { signal };
  const source = await openFloat32(options);
  const { directory, manifest } = source;
  const owner = stagingOwner();
  try {
    const staging = await openStaging(modelsDir, owner);
    const { file } = manifest.featurizer;
    const { files } = besidesFeaturizer(manifest);
    await stageBesidesFeaturizer(source, staging);
    const written = await writeMsFp(join(directory, file), join(staging, file), {
      format,
      activations,
      ...running,
      ...(onProgress && { onProgress: (done, total) => onProgress({ done, total }) }),
    });
    const detail = {
      format: format.name,
      exponentBits: format.exponentBits,
      mantissaBits: format.mantissaBits,
      block: format.block,
      activations,
    };
    const published = await publishPackage(modelsDir, staging, draftOf(manifest, detail, options), {
      digests: { ...files, [file]: written.digest },
      ...running,
    });
    return { manifest: published, products: written.products, weights: written.weights };
  } finally {
    await removeStaging(modelsDir, owner);
  }
}

function draftOf(
  parent: ModelManifest,
  numericsDetail: NonNullable<ModelManifest['numericsDetail']>,
  { name, description, tags }: MakeMsFpOptions,
): PackageDraft {
  const numbers = numericsText({ numerics: 'ms-fp', numericsDetail });
  const { fields } = besidesFeaturizer(parent);
  const of = `${parent.name}:${parent.version}`;
  return {
    ...fields,
    name: name ?? parent.name,
    description: description ?? `${parent.description ?? of}; ${numbers}`.slice(0, 4096),
    tags: { ...fields.tags, ...tags },
    parent: of,
    numerics: 'ms-fp',
    numericsDetail,
  };
}
