/** The thread that `runTask` starts; it is given one task and answers with its result. */
import { parentPort, workerData } from 'node:worker_threads';
import { trainModelHead } from '../head/train-model-head.js';
import { importOnnx } from '../import/import-onnx.js';
import type { Task, TaskMessage } from './tasks.js';

const task = workerData as Task;
const port = parentPort!;
const post = (message: TaskMessage) => port.postMessage(message);
const abort = new AbortController();
// The only message from outside is the wish to stop.
port.once('message', () => abort.abort());

try {
  const value =
    task.task === 'import-onnx'
      ? await importOnnx(task)
      : await trainModelHead({
          ...task,
          signal: abort.signal,
          onProgress: (progress) => post({ type: 'progress', progress }),
        });
  post({ type: 'result', value });
} finally {
  port.close();
}
