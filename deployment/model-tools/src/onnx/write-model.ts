import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { FileDigest } from '@edgeslot/scoring/model';
import { encodeModel } from './encode.js';
import type { Graph } from './graph.js';

export interface WriteModelOptions {
  readonly signal?: AbortSignal;
  /** Bytes written so far. */
  readonly onProgress?: (bytes: number) => void;
}

/**
 * Writes a graph to a new file, piece by piece, and returns the digest of what was written. The file is on disk
 * (fsync) when this returns. Rejects with `EEXIST` when the file is there already.
 */
export async function writeModel(graph: Graph, file: string, options: WriteModelOptions = {}): Promise<FileDigest> {
  const hash = createHash('sha256');
  let bytes = 0;
  const handle = await open(file, 'wx');
  try {
    for (const piece of encodeModel(graph)) {
      options.signal?.throwIfAborted();
      hash.update(piece);
      // Not awaiting the disk before the next piece would keep all of them in memory.
      for (let offset = 0; offset < piece.length; ) {
        offset += (await handle.write(piece, offset, piece.length - offset)).bytesWritten;
      }
      bytes += piece.length;
      options.onProgress?.(bytes);
    }
    await handle.sync();
  } catch (error) {
    // What a file handle rejects with (no space left, say) does not name the file.
    if (!(error as NodeJS.ErrnoException).code) throw error;
    throw new Error(`${file}: ${(error as Error).message} after ${bytes} bytes`, { cause: error });
  } finally {
    await handle.close();
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** The whole model in memory: for small graphs. */
export function modelBytes(graph: Graph): Buffer {
  return Buffer.concat([...encodeModel(graph)]);
}
