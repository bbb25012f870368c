import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderFrame } from '@edgeslot/camera/scene';
import { createModel, quantizeModel } from '@edgeslot/model-tools';
import type { BenchContext } from './row.js';

const NETWORK = 'resnet50';
const PICTURES = 12;
const FIRST_FRAME = 8_100_001;

/** ResNet-50 with seeded weights in a models directory, twice. */
export interface ResNet50 {
  readonly modelsDir: string;
  /** `name:version` */
  readonly float32: string;
  readonly int8: string;
}

/** @throws PythonError where models cannot be quantised */
export async function makeResNet50({ folder, signal, say }: Omit<BenchContext, 'compare'>): Promise<ResNet50> {
  const modelsDir = join(folder, 'models');
  say('makes ResNet-50');
  const made = await createModel({ modelsDir, network: NETWORK, signal });
  const images = join(folder, 'pictures');
  await mkdir(images);
  for (let index = 0; index < PICTURES; index++) {
    await writeFile(join(images, `${index}.jpg`), await renderFrame(FIRST_FRAME + index));
  }
  say('quantises it');
  const float32 = `${made.name}:${made.version}`;
  const { manifest } = await quantizeModel({ modelsDir, model: float32, images, signal });
  return { modelsDir, float32, int8: `${manifest.name}:${manifest.version}` };
}
