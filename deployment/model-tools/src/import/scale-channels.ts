import type { Recipe } from '@edgeslot/scoring/model';
import { lengthDelimited, text, varint } from './wire.js';

const FACTORS = 'edgeslot/channel_factors';

/**
 * A multiplication per channel as the first operator of a graph, in ONNX's bytes. `factors` are for R, G, B; the
 * tensor's own channel order is the recipe's.
 */
export function scaleChannels(into: string, { channels, layout }: Recipe, factors: readonly number[]) {
  const input = 'InputImage:0';
  const values = Float32Array.from(channels === 'RGB' ? factors : [...factors].reverse());
  const dims = layout === 'NCHW' ? [3, 1, 1] : [3];
  const node = Buffer.concat([
    text(1, input),
    text(1, FACTORS),
    text(2, into),
    text(3, 'channel_factors'),
    text(4, 'Mul'),
  ]);
  const weight = Buffer.concat([
    ...dims.map((size) => varint(1, size)),
    varint(2, 1),
    text(8, FACTORS),
    lengthDelimited(9, new Uint8Array(values.buffer)),
  ]);
  return { input, nodes: [node], weights: [weight] };
}
