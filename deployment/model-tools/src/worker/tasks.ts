import type { ComparedPackages, ComparePackagesOptions } from '../compare/compare-packages.js';
import type { TrainedModelHead, TrainModelHeadOptions } from '../head/train-model-head.js';
import type { ImportedOnnx, ImportOnnxOptions } from '../import/import-onnx.js';
import type { PackageTimes, TimePackagesOptions } from '../quantize/time-packages.js';
import type { WriteSamplesOptions, WrittenSamples } from '../quantize/write-samples.js';
import type { TaskProgress } from './progress.js';

/** What runs in a thread of its own, as plain data. */
export type Task =
  | ({ readonly task: 'import-onnx' } & ImportOnnxOptions)
  | ({ readonly task: 'train-head' } & Omit<TrainModelHeadOptions, Running>)
  | ({ readonly task: 'compare' } & Omit<ComparePackagesOptions, Running>)
  | ({ readonly task: 'write-samples' } & Omit<WriteSamplesOptions, Running>)
  | ({ readonly task: 'time-packages' } & Omit<TimePackagesOptions, Running>);

/** What the thread gives by itself. */
type Running = 'signal' | 'onProgress';

interface Results {
  readonly 'import-onnx': ImportedOnnx;
  readonly 'train-head': TrainedModelHead;
  readonly compare: ComparedPackages;
  readonly 'write-samples': WrittenSamples;
  readonly 'time-packages': readonly PackageTimes[];
}

export type TaskResult<T extends Task> = Results[T['task']];

export type TaskMessage =
  | { readonly type: 'progress'; readonly progress: TaskProgress }
  | { readonly type: 'result'; readonly value: unknown };
