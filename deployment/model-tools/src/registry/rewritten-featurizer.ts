import { join } from 'node:path';
import type { FileDigest, ModelManifest, Package } from '@edgeslot/scoring/model';
import { linkOrCopy } from './share-file.js';
import { stageFolders } from './stage-folders.js';

export interface RestOfPackage {
  /** What a new version takes over from its source. */
  readonly fields: Omit<ModelManifest, 'schemaVersion' | 'version' | 'created' | 'files' | 'digest' | 'device'>;
  /** The files that stay as they are. */
  readonly files: Readonly<Record<string, FileDigest>>;
}

/** Tags that state how the source was made and what was measured of it: they are not true of what is made from it. */
const OF_THE_SOURCE = ['recipe', 'accuracy', 'measuredOn'];

/**
 * What stays of a package when its featurizer is written anew: all but what was measured of the source, and the device
 * section. That told a card's part of the old featurizer, and its tail may borrow weights from bytes that are no longer
 * there.
 */
export function besidesFeaturizer(manifest: ModelManifest): RestOfPackage {
  const { schemaVersion: _s, version: _v, created: _c, files, digest: _d, device, ...fields } = manifest;
  const gone = [manifest.featurizer.file, device?.tail];
  const tags = Object.entries(manifest.tags).filter(([key]) => !OF_THE_SOURCE.includes(key));
  return {
    fields: { ...fields, tags: Object.fromEntries(tags) },
    files: Object.fromEntries(Object.entries(files).filter(([file]) => !gone.includes(file))),
  };
}

/** Puts the files that stay into a staging directory, and the folder that the new featurizer goes to. */
export async function stageBesidesFeaturizer({ directory, manifest }: Package, staging: string): Promise<void> {
  const kept = Object.keys(besidesFeaturizer(manifest).files);
  await stageFolders(staging, [manifest.featurizer.file, ...kept]);
  for (const file of kept) await linkOrCopy(join(directory, file), join(staging, file));
}
