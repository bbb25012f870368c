import type { Recipe } from '@edgeslot/scoring/model';
import type { OnnxModel } from './onnx-model.js';
import { lengthDelimited, text, varint } from './wire.js';

/**
 * A multiplication per channel as the first operator of a graph, in ONNX's bytes. `factors` are for R, G, B; the
 * tensor's own channel order is the recipe's.
 */
export function scaleChannels(
  model: OnnxModel,
  into: string,
  { channels, layout }: Recipe,
  factors: readonly number[],
) {
  const [input, weights] = [freeName(model, 'InputImage:0'), freeName(model, 'edgeslot/channel_factors')];
  const values = Float32Array.from(channels === 'RGB' ? factors : [...factors].reverse());
  const dims = layout === 'NCHW' ? [3, 1, 1] : [3];
  const node = Buffer.concat([text(1, input), text(1, weights), text(2, into), text(4, 'Mul')]);
  const weight = Buffer.concat([
    ...dims.map((size) => varint(1, size)),
    varint(2, 1),
    text(8, weights),
    lengthDelimited(9, new Uint8Array(values.buffer)),
  ]);
  return { input, nodes: [node], weights: [weight] };
}

/** A model that was made here has tensors of these names already. */
function freeName({ nodes, weights, inputs }: OnnxModel, wanted: string): string {
  const taken = new Set([
    ...weights.keys(),
    ...inputs.map(({ name }) => name),
    ...nodes.flatMap((node) => node.outputs),
  ]);
  let name = wanted;
  for (let number = 2; taken.has(name); number++) name = `${wanted}_${number}`;
  return name;
}
