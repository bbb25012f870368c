import type { GraphTensor, Recipe, SignatureTensor } from '../model/manifest.js';
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

/** One object that a package sees in every picture: an anchor of one of the maps, moved by `location`. */
export interface PlantedObject {
  readonly map: number;
  readonly anchor: number;
  readonly classId: number;
  /** Before softmax; all others are 0. */
  readonly score: number;
  /** Centre x, centre y, width, height; 0 is the anchor itself. */
  readonly location?: readonly [number, number, number, number];
}

export interface SsdPackage {
  readonly name?: string;
  /** What it sees; left out, each output is the mean of the picture, everywhere. */
  readonly objects?: readonly PlantedObject[];
  /** How pictures become 300 × 300; stretched by default. */
  readonly resize?: Recipe['resize'];
}

/** The values of the twelve outputs, by name, in which these objects are seen. */
export function plantedOutputs(objects: readonly PlantedObject[]): Map<string, Float32Array> {
  const values = SSD_OUTPUTS.map(({ shape }) => new Float32Array(shape.slice(1).reduce((a, b) => a * b, 1)));
  for (const { map, anchor, classId, score, location = [0, 0, 0, 0] } of objects) {
    values[map]![anchor * CLASSES + classId] = score;
    values[map + LAYERS.length]!.set(location, anchor * 4);
  }
  return new Map(SSD_OUTPUTS.map(({ name }, index) => [name, values[index]!]));
}

/** Writes a package of a detector without weights. */
export function writeSsdPackage(base: string, { objects, resize, ...options }: SsdPackage = {}): Promise<string> {
  const labels = ['none', ...Array.from({ length: CLASSES - 1 }, (_, index) => `class ${index + 1}`)];
  const outputs: Record<string, SignatureTensor> = {};
  for (const { name, shape } of SSD_OUTPUTS) {
    outputs[name.slice(0, -2)] = { tensor: name, dtype: 'float', shape, also: [`import/${name}`] };
  }
  return writeTinyPackage(base, {
    ...options,
    files: {
      'featurizer.onnx': tinySsd(SSD_OUTPUTS, objects && plantedOutputs(objects)),
      'labels.txt': Buffer.from(`${labels.join('\n')}\n`),
    },
    alter: ({ classifier, files, ...manifest }) => {
      const { [classifier!.file]: _, ...rest } = files;
      return sealManifest({
        ...manifest,
        files: rest,
        network: 'ssdvgg300',
        signature: { ...manifest.signature, outputs },
        preprocessing: {
          ...manifest.preprocessing,
          resize: resize ?? { mode: 'stretch', height: 300, width: 300 },
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
