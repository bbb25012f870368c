import type { FileDigest } from '@edgeslot/scoring/model';

/** What `format` says of a registered TensorFlow SavedModel. */
export const SAVED_MODEL = 'tensorflow-savedmodel';

/**
 * The `model.json` of a model that is kept only to be converted: its files, but no graphs that a device could run. The
 * scoring module refuses it and says so.
 */
export interface SourceManifest {
  readonly schemaVersion: 1;
  readonly format: typeof SAVED_MODEL;
  readonly name: string;
  readonly version: number;
  readonly description?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly created: string;
  readonly files: Readonly<Record<string, FileDigest>>;
}

/** Whether the text of a `model.json` is a source's; a text that is no JSON is not. */
export function parseSourceManifest(text: string): SourceManifest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const source = value as Partial<SourceManifest> | null;
  const whole =
    source?.format === SAVED_MODEL &&
    typeof source.name === 'string' &&
    Number.isSafeInteger(source.version) &&
    typeof source.created === 'string' &&
    isMap(source.tags, (tag) => typeof tag === 'string') &&
    isMap(source.files, isDigest);
  return whole ? (source as SourceManifest) : undefined;
}

function isMap(value: unknown, holds: (item: unknown) => boolean): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(holds);
}

function isDigest(value: unknown): boolean {
  const digest = value as Partial<FileDigest> | null;
  return typeof digest?.sha256 === 'string' && Number.isSafeInteger(digest.bytes);
}
