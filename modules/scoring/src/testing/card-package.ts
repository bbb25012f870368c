import type { ModelManifest } from '../model/manifest.js';
import { sealManifest } from '../model/manifest-digest.js';
import { CARD_OUTPUT, tinyTail, weightedFeaturizer } from './tiny-onnx.js';
import { type TinyPackage, writeTinyPackage } from './tiny-package.js';

const GAIN = [0.25, 0.5, 4];

/**
 * The small package with a device section: a card that gives [1,7,7,3], and a tail whose weights lie in the featurizer's
 * file. Returns its directory.
 */
export function writeCardPackage(base: string, options: TinyPackage = {}): Promise<string> {
  const { file, offset } = weightedFeaturizer(GAIN);
  return writeTinyPackage(base, {
    ...options,
    files: { 'featurizer.onnx': file, 'tail.onnx': tinyTail('featurizer.onnx', offset), ...options.files },
    alter: (manifest) => {
      const altered = { ...manifest, device: DEVICE };
      return options.alter ? options.alter(structuredClone(altered)) : sealManifest(altered);
    },
  });
}

const DEVICE: NonNullable<ModelManifest['device']> = {
  input: { name: 'InputImage:0', shape: [1, 230, 230, 3] },
  output: { name: CARD_OUTPUT, shape: [1, 7, 7, 3] },
  tail: 'tail.onnx',
};
