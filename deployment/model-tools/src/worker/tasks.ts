import type { TrainedModelHead, TrainModelHeadOptions } from '../head/train-model-head.js';
import type { ImportedOnnx, ImportOnnxOptions } from '../import/import-onnx.js';
import type { TaskProgress } from './progress.js';

/** What runs in a thread of its own, as plain data. */
export type Task =
  | ({ readonly task: 'import-onnx' } & ImportOnnxOptions)
  | ({ readonly task: 'train-head' } & Omit<TrainModelHeadOptions, 'signal' | 'onProgress'>);

export type TaskResult<T extends Task> = T extends { task: 'import-onnx' } ? ImportedOnnx : TrainedModelHead;

export type TaskMessage =
  | { readonly type: 'progress'; readonly progress: TaskProgress }
  | { readonly type: 'result'; readonly value: unknown };
