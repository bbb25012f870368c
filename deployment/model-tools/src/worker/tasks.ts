import type { ComparedPackages, ComparePackagesOptions } from '../compare/compare-packages.js';
import type { TrainedModelHead, TrainModelHeadOptions } from '../head/train-model-head.js';
import type { ImportedOnnx, ImportOnnxOptions } from '../import/import-onnx.js';
import type { TaskProgress } from './progress.js';

/** What runs in a thread of its own, as plain data. */
export type Task =
  | ({ readonly task: 'import-onnx' } & ImportOnnxOptions)
  | ({ readonly task: 'train-head' } & Omit<TrainModelHeadOptions, Running>)
  | ({ readonly task: 'compare' } & Omit<ComparePackagesOptions, Running>);

/** What the thread gives by itself. */
type Running = 'signal' | 'onProgress';

interface Results {
  readonly 'import-onnx': ImportedOnnx;
  readonly 'train-head': TrainedModelHead;
  readonly compare: ComparedPackages;
}

export type TaskResult<T extends Task> = Results[T['task']];

export type TaskMessage =
  | { readonly type: 'progress'; readonly progress: TaskProgress }
  | { readonly type: 'result'; readonly value: unknown };
