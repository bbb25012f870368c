import { join } from 'node:path';
import type { FrameInput, FrameOutput, FrameScorer } from '../device/device.js';
import { asScoringError, type ScoringError, scoringError } from '../errors.js';
import { answerGraph } from '../model/answer-graph.js';
import type { Package } from '../model/package.js';
import { within } from '../within.js';
import { WARM_UP_FILE, warmUpFrames } from './warm-up-frames.js';

/**
 * Scores the package's warm-up requests, or a synthetic frame, on every lane, so that the first callers do not pay for
 * first-use allocations, and so that a model that cannot answer is found out before it serves.
 *
 * @throws ScoringError PACKAGE_WARM_UP when a request of the package's is not answered, PACKAGE_GRAPH when the graph cannot
 * run or an answer is not finite, DEVICE_LOST after `timeoutMs`, or the device's own
 */
export async function warmUp(
  scorer: FrameScorer,
  model: Package,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const frames = await warmUpFrames(model);
  await within(scoreAll(scorer, model, frames, signal), timeoutMs, () => {
    throw scoringError('DEVICE_LOST', `the warm-up took more than ${timeoutMs} ms`);
  });
}

/** As many at once as there are lanes; each lane has one frame at least. */
async function scoreAll(
  scorer: FrameScorer,
  model: Package,
  frames: readonly FrameInput[],
  signal: AbortSignal,
): Promise<void> {
  const count = Math.max(frames.length, scorer.capacity);
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const at = next++ % frames.length;
      signal.throwIfAborted();
      const { outputs } = await scorer.score(frames[at]!, signal).catch((thrown: unknown) => {
        throw whyNoAnswer(model, at, asScoringError(thrown));
      });
      checkFinite(model, outputs);
    }
  };
  await Promise.all(Array.from({ length: scorer.capacity }, lane));
}

/** A frame that is not answered is the fault of the package: of the graph, or of the request that it brings. */
function whyNoAnswer({ directory, manifest }: Package, at: number, error: ScoringError): ScoringError {
  const own = manifest.files[WARM_UP_FILE] !== undefined;
  if (error.code !== 'INTERNAL' && !(own && error.status === 'INVALID_ARGUMENT')) return error;
  return own
    ? scoringError('PACKAGE_WARM_UP', join(directory, WARM_UP_FILE), `record ${at}`, 'an answer', error.message)
    : scoringError('PACKAGE_GRAPH', answerGraph(manifest).file, 'first frame', 'an answer', error.message);
}

function checkFinite({ manifest }: Package, outputs: FrameOutput['outputs']): void {
  for (const { name, data } of outputs) {
    const bad = data.find((value) => !Number.isFinite(value));
    if (bad === undefined) continue;
    throw scoringError('PACKAGE_GRAPH', answerGraph(manifest).file, `values of ${name}`, 'finite numbers', String(bad));
  }
}
