import type { GraphTensor, SignatureTensor } from '../model/manifest.js';
import { sealManifest } from '../model/manifest-digest.js';
import { FEATURIZER_INPUT, tinySsd } from './tiny-onnx.js';
import { writeTinyPackage } from './tiny-package.js';

const CLASSES = 21;
/** Layer, grid and boxes a cell of SSD-VGG-300. */
const LAYERS = [
  ['block4', 37, 4],
  ['block7', 19, 6],
  ['block8', 10, 6],
  ['block9', 5, 6],
  ['block10', 3, 4],
  ['block11', 1, 4],
] as const;

const map = (name: string, last: number) =>
  LAYERS.map(([layer, side, boxes]) => ({
    name: `ssd_300_vgg/${layer}_box/${name}:0`,
    shape: [-1, side, side, boxes, last],
  }));

/** The twelve outputs of SSD-VGG-300: six class maps, then six location maps. */
export const SSD_OUTPUTS: readonly GraphTensor[] = [...map('Reshape_1', CLASSES), ...map('Reshape', 4)];

/** Writes a package of a detector without weights: each output is the mean of the picture, everywhere. */
export function writeSsdPackage(base: string, options: { readonly name?: string } = {}): Promise<string> {
  const labels = ['none', ...Array.from({ length: CLASSES - 1 }, (_, index) => `class ${index + 1}`)];
  const outputs: Record<string, SignatureTensor> = {};
  for (const { name, shape } of SSD_OUTPUTS) {
    outputs[name.slice(0, -2)] = { tensor: name, dtype: 'float', shape, also: [`import/${name}`] };
  }
  return writeTinyPackage(base, {
    ...options,
    files: { 'featurizer.onnx': tinySsd(SSD_OUTPUTS), 'labels.txt': Buffer.from(`${labels.join('\n')}\n`) },
    alter: ({ classifier, files, ...manifest }) => {
      const { [classifier!.file]: _, ...rest } = files;
      return sealManifest({
        ...manifest,
        files: rest,
        network: 'ssdvgg300',
        signature: { ...manifest.signature, outputs },
        preprocessing: {
          ...manifest.preprocessing,
          resize: { mode: 'stretch', height: 300, width: 300 },
          channels: 'RGB',
        },
        postprocessing: { type: 'ssd', labels: 'labels.txt' },
        featurizer: {
          file: 'featurizer.onnx',
          input: { name: FEATURIZER_INPUT, shape: [-1, 300, 300, 3] },
          outputs: SSD_OUTPUTS,
        },
      });
    },
  });
}
