// A line that the card's daemon sends to the process that computes.
import type { NetworkShape } from './network.js';

export type Order =
  | { readonly kind: 'run' }
  | {
      readonly kind: 'load';
      /** Size of each of the two areas before the image. */
      readonly slotBytes: number;
      readonly imageBytes: number;
      readonly sha256: string;
      readonly shape: NetworkShape;
    };

const LOAD_FIELDS = 14;

/** @throws Error for anything else than `run` or `load` with its fields, separated by tabs */
export function parseOrder(line: string): Order {
  const fields = line.split('\t');
  if (line === 'run') return { kind: 'run' };
  if (fields[0] !== 'load' || fields.length !== LOAD_FIELDS) throw new Error(`unknown order: ${line.slice(0, 80)}`);
  const [, slotBytes, imageBytes, sha256, ...rest] = fields as [string, string, string, string, ...string[]];
  const [inRows, inColumns, inChannels, border, outRows, outColumns, outChannels, interleaved] = rest.map(Number);
  return {
    kind: 'load',
    slotBytes: Number(slotBytes),
    imageBytes: Number(imageBytes),
    sha256,
    shape: {
      input: { rows: inRows!, columns: inColumns!, channels: inChannels! },
      border: border!,
      output: { rows: outRows!, columns: outColumns!, channels: outChannels! },
      interleaved: interleaved === 1,
      inputName: rest[8]!,
      outputName: rest[9]!,
    },
  };
}
