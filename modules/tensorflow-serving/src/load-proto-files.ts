import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ProtoFile } from './proto-files.js';

/** Describes the .proto texts in a thread of its own, so that no frame waits for it. */
export async function loadProtoFiles(): Promise<ProtoFile[]> {
  const worker = new Worker(new URL('./proto-files-worker.js', import.meta.url));
  try {
    // An error of the worker rejects this.
    const [files] = (await once(worker, 'message')) as [ProtoFile[]];
    return files;
  } finally {
    await worker.terminate();
  }
}
