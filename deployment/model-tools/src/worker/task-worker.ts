/** The thread that `runTask` starts; it is given one task and answers with its result. */
import { parentPort, workerData } from 'node:worker_threads';
import { comparePackages } from '../compare/compare-packages.js';
import { trainModelHead } from '../head/train-model-head.js';
import { importOnnx } from '../import/import-onnx.js';
import { timePackages } from '../quantize/time-packages.js';
import { writeSamples } from '../quantize/write-samples.js';
import type { TaskProgress } from './progress.js';
import type { Task, TaskMessage, TaskResult } from './tasks.js';

const task = workerData as Task;
const port = parentPort!;
const post = (message: TaskMessage) => port.postMessage(message);
const abort = new AbortController();
// The only message from outside is the wish to stop.
port.once('message', () => abort.abort());

const running = {
  signal: abort.signal,
  onProgress: (progress: TaskProgress) => post({ type: 'progress', progress }),
};

try {
  const value = await run();
  post({ type: 'result', value });
} finally {
  port.close();
}

function run(): Promise<TaskResult<Task>> {
  switch (task.task) {
    case 'import-onnx':
      return importOnnx(task);
    case 'train-head':
      return trainModelHead({ ...task, ...running });
    case 'compare':
      return comparePackages({ ...task, ...running });
    case 'write-samples':
      return writeSamples({ ...task, ...running });
    case 'time-packages':
      return timePackages({ ...task, ...running });
  }
}
