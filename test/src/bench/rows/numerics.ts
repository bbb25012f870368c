import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderFrame } from '@edgeslot/camera/scene';
import { createModel, PythonError, quantizeModel } from '@edgeslot/model-tools';
import { FrameRunner } from '@edgeslot/scoring/device';
import { openPackage, parseModelReference } from '@edgeslot/scoring/model';
import { DEFAULT_LIMITS } from '@edgeslot/scoring/preprocess';
import { ratioFigure } from '../figures.js';
import { readMachine } from '../machine.js';
import type { Row } from '../row.js';

const NETWORK = 'resnet50';
const PICTURES = 12;
const FIRST_FRAME = 8_100_001;
/** A network takes tens of milliseconds, so a burst has to last longer for a median of calls. */
const BURST_MS = 600;

/** What int8 gains over float32: ResNet-50's featurizer and classifier, one thread. */
export const numerics: Row = {
  name: 'numerics',
  measure: async ({ compare, folder, signal, say }) => {
    const modelsDir = join(folder, 'models');
    say('makes ResNet-50');
    const made = await createModel({ modelsDir, network: NETWORK, signal });
    const images = join(folder, 'pictures');
    await mkdir(images);
    for (let index = 0; index < PICTURES; index++) {
      await writeFile(join(images, `${index}.jpg`), await renderFrame(FIRST_FRAME + index));
    }
    say('quantises it');
    const model = `${made.name}:${made.version}`;
    let quantized: string;
    try {
      const { manifest } = await quantizeModel({ modelsDir, model, images, signal });
      quantized = `${manifest.name}:${manifest.version}`;
    } catch (error) {
      if (!(error instanceof PythonError)) throw error;
      return { notMeasured: error.message };
    }
    say('runs both');
    const float32 = await open(modelsDir, model);
    const int8 = await open(modelsDir, quantized);
    try {
      const comparison = await compare({ subjects: { float32: float32.run, int8: int8.run }, burstMs: BURST_MS });
      return {
        figures: [
          ratioFigure(comparison, 'float32', 'int8', {
            what: 'ResNet-50, float32 / int8',
            goal: { atLeast: 2.5 },
            note: 'seeded weights, featurizer and classifier; one thread each',
            notApplicable: readMachine().vnni ? undefined : 'it is for CPUs with VNNI, and this one has none',
          }),
        ],
      };
    } finally {
      await float32.close();
      await int8.close();
    }
  },
};

/** A runner blocks the thread that it is called on, and nobody else waits for this one. */
async function open(
  modelsDir: string,
  id: string,
): Promise<{ run: () => Promise<unknown>; close: () => Promise<void> }> {
  const { directory, manifest } = await openPackage(modelsDir, parseModelReference(id)!);
  const runner = await FrameRunner.open({ directory, manifest, threads: 1, limits: DEFAULT_LIMITS });
  const shape = [1, ...manifest.featurizer.input.shape.slice(1)];
  const data = new Float32Array(shape.reduce((product, size) => product * size)).fill(0.5);
  return { run: () => runner.run({ kind: 'tensor', shape, data }), close: () => runner.close() };
}
