import type { FileDigest, ModelManifest } from '@edgeslot/scoring/model';

export interface RestOfPackage {
  /** What a new version takes over from its source. */
  readonly fields: Omit<ModelManifest, 'schemaVersion' | 'version' | 'created' | 'files' | 'digest' | 'device'>;
  /** The files that stay as they are. */
  readonly files: Readonly<Record<string, FileDigest>>;
}

/**
 * What stays of a package when its featurizer is written anew: all but the device section. That told a card's part of
 * the old featurizer, and its tail may borrow weights from bytes that are no longer there.
 */
export function besidesFeaturizer(manifest: ModelManifest): RestOfPackage {
  const { schemaVersion: _s, version: _v, created: _c, files, digest: _d, device, ...fields } = manifest;
  const gone = [manifest.featurizer.file, device?.tail];
  return { fields, files: Object.fromEntries(Object.entries(files).filter(([file]) => !gone.includes(file))) };
}
