import type { ModelManifest } from '../model/manifest.js';

/** Thread, runtime, activations and the pixels of a large picture. */
const BYTES_OF_AN_EMPTY_LANE = 96 * 2 ** 20;
/** onnxruntime keeps weights as they are in the file and as its kernels want them, and a third time while it loads. */
const COPIES_OF_WEIGHTS = 3;

/**
 * What one lane of a model takes in memory, from the sizes of its graphs. Measured beside it (float32, two threads,
 * growth of the process): ResNet-50 340 MB for an estimate of 390, DenseNet-121 163 for 189, SSD-VGG-300 370 for 397.
 */
export function estimateLaneBytes({
  files,
  postprocessing,
  device,
}: Pick<ModelManifest, 'files' | 'postprocessing' | 'device'>): number {
  const notWeights = (file: string) =>
    file === postprocessing.labels || file === device?.tail || file.startsWith('assets.extra/');
  const weights = Object.entries(files).reduce((sum, [file, { bytes }]) => sum + (notWeights(file) ? 0 : bytes), 0);
  return BYTES_OF_AN_EMPTY_LANE + COPIES_OF_WEIGHTS * weights;
}
