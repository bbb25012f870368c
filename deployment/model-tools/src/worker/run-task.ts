import { Worker } from 'node:worker_threads';
import { ONNXRUNTIME_THREAD, quietOnnxruntime } from '@edgeslot/scoring/onnxruntime-thread';
import type { TaskProgress } from './progress.js';
import type { Task, TaskMessage, TaskResult } from './tasks.js';

/** An aborted task looks at the signal after every picture; a longer silence means it hangs. */
const ABORT_GRACE_MS = 5_000;

export interface RunTaskOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TaskProgress) => void;
}

/** Runs what computes for long in a thread of its own; rejects with what it threw, or the signal's reason. */
export async function runTask<T extends Task>(task: T, options: RunTaskOptions = {}): Promise<TaskResult<T>> {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  quietOnnxruntime();
  const worker = new Worker(new URL('./task-worker.js', import.meta.url), {
    workerData: task,
    resourceLimits: ONNXRUNTIME_THREAD,
  });
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    worker.postMessage('abort');
    timer = setTimeout(() => void worker.terminate(), ABORT_GRACE_MS);
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await new Promise<TaskResult<T>>((resolve, reject) => {
      let result: { readonly value: TaskResult<T> } | undefined;
      worker.on('message', (message: TaskMessage) => {
        if (message.type === 'result') result = { value: message.value as TaskResult<T> };
        else onProgress?.(message.progress);
      });
      worker.once('error', reject);
      worker.once('exit', (code) => {
        if (result) resolve(result.value);
        else reject(new Error(`${task.task}: its thread ended with code ${code}`));
      });
    });
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
