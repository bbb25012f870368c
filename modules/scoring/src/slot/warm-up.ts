import type { Device } from '../device/device.js';
import { asScoringError, scoringError } from '../errors.js';
import { answerGraph } from '../model/answer-graph.js';
import type { Package } from '../model/package.js';
import { within } from '../within.js';

/** One grey JPEG of 8×8 pixels: it takes the way of every camera's frame, decoder and sampler included. */
export const WARM_UP_PICTURE: Uint8Array = Buffer.from(
  '/9j/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AP//Z',
  'base64',
);

/**
 * Scores one synthetic frame, so that the first caller does not pay for first-use allocations, and so that a model that
 * cannot answer is found out before it serves.
 *
 * @throws ScoringError PACKAGE_GRAPH when the graph cannot run or an answer is not finite, DEVICE_LOST after `timeoutMs`, or the device's own
 */
export async function warmUp(
  device: Pick<Device, 'score'>,
  model: Package,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const { file } = answerGraph(model.manifest);
  const scored = device.score({ kind: 'images', images: [WARM_UP_PICTURE] }, signal).catch((thrown: unknown) => {
    const error = asScoringError(thrown);
    // What the runtime says of a graph that loads and cannot run.
    if (error.code === 'INTERNAL') throw scoringError('PACKAGE_GRAPH', file, 'first frame', 'an answer', error.message);
    throw error;
  });
  const { outputs } = await within(scored, timeoutMs, () => {
    throw scoringError('DEVICE_LOST', `the warm-up took more than ${timeoutMs} ms`);
  });
  for (const { name, data } of outputs) {
    const bad = data.find((value) => !Number.isFinite(value));
    if (bad !== undefined) {
      throw scoringError('PACKAGE_GRAPH', file, `values of ${name}`, 'finite numbers', String(bad));
    }
  }
}
