import { PythonError } from '@edgeslot/model-tools';
import { FrameRunner } from '@edgeslot/scoring/device';
import { openPackage, parseModelReference } from '@edgeslot/scoring/model';
import { DEFAULT_LIMITS } from '@edgeslot/scoring/preprocess';
import { ratioFigure } from '../figures.js';
import { readMachine } from '../machine.js';
import { makeResNet50 } from '../resnet50.js';
import type { Row } from '../row.js';

/** A network takes tens of milliseconds, so a burst has to last longer for a median of calls. */
const BURST_MS = 600;

/** What int8 gains over float32: ResNet-50's featurizer and classifier, one thread. */
export const numerics: Row = {
  name: 'numerics',
  measure: async (context) => {
    const models = await makeResNet50(context).catch((error: unknown) => {
      if (error instanceof PythonError) return error;
      throw error;
    });
    if (models instanceof PythonError) return { notMeasured: models.message };
    context.say('runs both');
    const float32 = await open(models.modelsDir, models.float32);
    const int8 = await open(models.modelsDir, models.int8);
    try {
      const subjects = { float32: float32.run, int8: int8.run };
      const comparison = await context.compare({ subjects, burstMs: BURST_MS });
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
