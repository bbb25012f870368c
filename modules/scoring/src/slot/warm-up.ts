import type { FrameOutput, FrameScorer } from '../device/device.js';
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
 * Scores a synthetic frame on every lane, so that the first callers do not pay for first-use allocations, and so that a
 * model that cannot answer is found out before it serves.
 *
 * @throws ScoringError PACKAGE_GRAPH when the graph cannot run or an answer is not finite, DEVICE_LOST after `timeoutMs`, or the device's own
 */
export async function warmUp(
  scorer: FrameScorer,
  model: Package,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const { file } = answerGraph(model.manifest);
  const picture = () => scorer.score({ kind: 'images', images: [WARM_UP_PICTURE] }, signal);
  const scored = Promise.all(Array.from({ length: scorer.capacity }, picture)).catch((thrown: unknown) => {
    const error = asScoringError(thrown);
    // What the runtime says of a graph that loads and cannot run.
    if (error.code === 'INTERNAL') throw scoringError('PACKAGE_GRAPH', file, 'first frame', 'an answer', error.message);
    throw error;
  });
  const answers = await within(scored, timeoutMs, () => {
    throw scoringError('DEVICE_LOST', `the warm-up took more than ${timeoutMs} ms`);
  });
  for (const { outputs } of answers) checkFinite(file, outputs);
}

function checkFinite(file: string, outputs: FrameOutput['outputs']): void {
  for (const { name, data } of outputs) {
    const bad = data.find((value) => !Number.isFinite(value));
    if (bad !== undefined) {
      throw scoringError('PACKAGE_GRAPH', file, `values of ${name}`, 'finite numbers', String(bad));
    }
  }
}
