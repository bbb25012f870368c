import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import {
  type FileDigest,
  type ModelId,
  type ModelManifest,
  parseManifest,
  sealManifest,
} from '@edgeslot/scoring/model';
import { digestFile } from './digest.js';
import { moveDirectory, syncDirectory, writeDurably } from './durable.js';
import { writeIndex } from './index-file.js';
import { DELETED_PREFIX, MANIFEST_FILE, packageDirectory } from './layout.js';
import { listModels } from './list.js';
import { shareFile } from './share-file.js';
import { parseSourceManifest, SAVED_MODEL, type SourceManifest } from './source-manifest.js';

/** What the maker of a package says of it; version, time and digests are the registry's to give. */
export type PackageDraft = Omit<ModelManifest, 'schemaVersion' | 'version' | 'created' | 'files' | 'digest'>;

export type SourceDraft = Pick<SourceManifest, 'name' | 'description' | 'tags'>;

export interface PublishOptions {
  /** Digests that are known already, by file; the others are read. */
  readonly digests?: Readonly<Record<string, FileDigest>>;
  readonly signal?: AbortSignal;
}

/** Two writers may want one version; each loser tries the next. */
const TRIES = 100;

/**
 * Turns a staging directory into the next version of its model, in one step: a reader finds all of the package or
 * nothing. Every file of the directory becomes part of the package.
 *
 * Throws PACKAGE_MANIFEST when the draft is not a valid manifest; the staging directory is then still there.
 */
export async function publishPackage(
  modelsDir: string,
  staging: string,
  draft: PackageDraft,
  options: PublishOptions = {},
): Promise<ModelManifest> {
  return publish(modelsDir, staging, draft, parseManifest, options, sealManifest);
}

/** As `publishPackage`, for a model that is kept to be converted. */
export async function publishSource(
  modelsDir: string,
  staging: string,
  draft: SourceDraft,
  options: PublishOptions = {},
): Promise<SourceManifest> {
  const parse = (text: string, path: string) => {
    const source = parseSourceManifest(text);
    if (!source) throw new Error(`${path}: not the manifest of a source`);
    return source;
  };
  const source = { ...draft, format: SAVED_MODEL };
  return publish(modelsDir, staging, source, parse, options);
}

async function publish<M extends ModelId>(
  modelsDir: string,
  staging: string,
  draft: { readonly name: string },
  parse: (text: string, path: string) => M,
  options: PublishOptions,
  seal: (manifest: object) => object = (manifest) => manifest,
): Promise<M> {
  const files = await sealFiles(modelsDir, staging, options);
  const created = new Date().toISOString();
  const parent = join(modelsDir, draft.name);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    options.signal?.throwIfAborted();
    const version = await nextVersion(modelsDir, draft.name);
    const manifest = seal({ schemaVersion: 1, ...draft, version, created, files });
    const file = join(staging, MANIFEST_FILE);
    const text = `${JSON.stringify(manifest, null, 2)}\n`;
    const checked = parse(text, file);
    await writeDurably(file, text);
    await syncDirectory(staging);
    await mkdir(parent, { recursive: true });
    const place = packageDirectory(modelsDir, checked);
    if (!(await renameUnlessTaken(staging, place))) continue;
    try {
      await syncDirectory(parent);
      await syncDirectory(modelsDir);
      await writeIndex(modelsDir);
    } catch (error) {
      // No room for the index, say: whoever is told that it failed must not find it there.
      await moveDirectory(place, staging);
      throw error;
    }
    return checked;
  }
  throw new Error(`${parent}: ${TRIES} versions in a row were taken by other writers`);
}

/** Digests of all files; large ones that the registry has already become links to those. */
async function sealFiles(modelsDir: string, staging: string, { digests = {}, signal }: PublishOptions) {
  const models = await listModels(modelsDir);
  const files: Record<string, FileDigest> = {};
  const entries = await readdir(staging, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const path of paths.sort()) {
    const name = relative(staging, path).replaceAll('\\', '/');
    if (name === MANIFEST_FILE) continue;
    const digest = digests[name] ?? (await digestFile(path, signal));
    await shareFile(path, digest, modelsDir, models, signal);
    files[name] = digest;
    if (dirname(path) !== staging) await syncDirectory(dirname(path));
  }
  return files;
}

async function nextVersion(modelsDir: string, name: string): Promise<number> {
  const names = await readdir(join(modelsDir, name)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const versions = names.map((one) => (one.startsWith(DELETED_PREFIX) ? one.slice(DELETED_PREFIX.length) : one));
  return Math.max(0, ...versions.filter((one) => /^[1-9][0-9]{0,8}$/.test(one)).map(Number)) + 1;
}

/** A directory can be renamed onto an empty one, so one that exists is taken, whatever it holds. */
async function renameUnlessTaken(from: string, to: string): Promise<boolean> {
  if (await stat(to).catch(() => undefined)) return false;
  try {
    await moveDirectory(from, to);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
