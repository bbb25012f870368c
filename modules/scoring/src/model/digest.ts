import { createHash } from 'node:crypto';
import { type BigIntStats, createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { scoringError } from '../errors.js';
import type { FileDigest } from './manifest.js';

/**
 * Digests of files read before in this process. The key holds the change time, which nobody can set back, so a file
 * that was altered in any way is read again; this keeps a swap back to a known model short.
 */
const known = new Map<string, string>();
const KNOWN_LIMIT = 256;

/**
 * Checks one file of a package against its manifest: it lies in the package (links may not lead out), has the size and
 * the sha256. The file is streamed, never held.
 *
 * Throws PACKAGE_FILE_MISSING, PACKAGE_OUTSIDE (a link that leaves), PACKAGE_DIGEST.
 */
export async function verifyFile(directory: string, name: string, expected: FileDigest, signal?: AbortSignal) {
  const path = join(directory, name);
  const real = await realpath(path).catch(() => {
    throw scoringError('PACKAGE_FILE_MISSING', path);
  });
  if (!real.startsWith((await realpath(directory)) + sep)) {
    throw scoringError('PACKAGE_OUTSIDE', join(directory, 'model.json'), `files.${name}`, `a link to ${real}`);
  }
  const stats = await stat(real, { bigint: true });
  if (!stats.isFile()) throw scoringError('PACKAGE_FILE_MISSING', path);
  if (stats.size !== BigInt(expected.bytes)) {
    throw scoringError('PACKAGE_DIGEST', path, String(expected.bytes), String(stats.size));
  }
  const found = await sha256(real, stats, signal);
  if (found !== expected.sha256) throw scoringError('PACKAGE_DIGEST', path, expected.sha256, found);
}

async function sha256(path: string, stats: BigIntStats, signal?: AbortSignal): Promise<string> {
  const key = [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(':');
  const before = known.get(key);
  if (before !== undefined) return before;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash, signal ? { signal } : {});
  const digest = hash.digest('hex');
  if (known.size >= KNOWN_LIMIT) known.delete(known.keys().next().value!);
  known.set(key, digest);
  return digest;
}
