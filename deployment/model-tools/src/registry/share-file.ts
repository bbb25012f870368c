import { copyFile, link, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileDigest } from '@edgeslot/scoring/model';
import { digestFile } from './digest.js';
import { packageDirectory } from './layout.js';
import type { RegisteredModel } from './list.js';

/** Below this a second copy costs less than the trouble. */
const WORTH_SHARING = 1 << 20;

/** A second name for a file: a hard link, or a copy where the file system has none. */
export async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
    await copyFile(source, target);
  }
}

/**
 * Replaces a file by a link to an identical one of the registry, so that models that share a featurizer keep one.
 * The other file is read again first: a damaged one is not spread. Returns the path it now shares with.
 */
export async function shareFile(
  file: string,
  digest: FileDigest,
  modelsDir: string,
  models: readonly RegisteredModel[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  if (digest.bytes < WORTH_SHARING) return undefined;
  const own = await stat(file);
  for (const { manifest } of models) {
    if (!manifest) continue;
    for (const [name, other] of Object.entries(manifest.files)) {
      if (other.sha256 !== digest.sha256 || other.bytes !== digest.bytes) continue;
      const candidate = join(packageDirectory(modelsDir, manifest), name);
      const found = await stat(candidate).catch(() => undefined);
      if (!found) continue;
      if (found.ino === own.ino && found.dev === own.dev) return candidate;
      if ((await digestFile(candidate, signal)).sha256 !== digest.sha256) continue;
      await replaceByLink(candidate, file);
      return candidate;
    }
  }
  return undefined;
}

async function replaceByLink(source: string, file: string): Promise<void> {
  const next = `${file}.shared`;
  try {
    await linkOrCopy(source, next);
    await rename(next, file);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
}
