import { scoringError } from '../errors.js';
import type { Package } from '../model/package.js';
import type { ReplyTensor } from '../scoring/signature.js';

/** Dtype, shape and lengths of one tensor, and the names around it, take less. */
const TENSOR_OVERHEAD = 512;

/**
 * Refuses a batch whose answer the caller could not take: it would pay for every picture and get RESOURCE_EXHAUSTED from
 * its own library, which Microsoft's client tries again five times. SSD-VGG-300 answers 843,200 bytes a picture.
 * @throws ScoringError REPLY_TOO_LARGE
 */
export function checkReplySize(
  { id, manifest }: Package,
  outputs: readonly ReplyTensor[],
  batch: number,
  limit: number,
): void {
  const all = Object.values(manifest.signature.outputs);
  const floats = outputs.map(({ tensor }) => {
    const shape = all.find((output) => output.tensor === tensor)?.shape ?? [];
    return shape.slice(1).reduce((product, size) => product * Math.max(size, 1), 1);
  });
  const perFrame = 4 * floats.reduce((sum, count) => sum + count, 0);
  const around = TENSOR_OVERHEAD * outputs.length;
  const bytes = around + batch * perFrame;
  if (bytes <= limit) return;
  const most = Math.max(1, Math.floor((limit - around) / perFrame));
  // One picture is always answered: the caller who asks for it can be told to take more, not to ask for less.
  if (batch > most) throw scoringError('REPLY_TOO_LARGE', id.name, batch, bytes, limit, most);
}
