// How tensors lie at the card's edges, and how the graph wants them.
import { floatToHalf, halfToFloat } from './half.js';

export interface PictureShape {
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
}

export const BLOCK = 128;

/** The picture within a border, halves to floats; `[rows, columns, channels]` without the border. */
export function withoutBorder(halves: Uint16Array, shape: PictureShape, border: number, target: Float32Array): void {
  const { rows, columns, channels } = shape;
  const line = (columns - 2 * border) * channels;
  let put = 0;
  for (let row = border; row < rows - border; row++) {
    const start = (row * columns + border) * channels;
    for (let at = start; at < start + line; at++) target[put++] = halfToFloat(halves[at]!);
  }
}

/** Values in a block of 128 channels, or in all of them: the channels that a card stores, padding included. */
export function storedChannels(channels: number, interleaved: boolean): number {
  return interleaved ? Math.ceil(channels / BLOCK) * BLOCK : channels;
}

/**
 * A graph's output as the card gives it, in halves: `[rows, columns, channels]`, or interleaved, blocks of 128 channels
 * with all places in each and zeros where the last block is not full.
 * @param channelsFirst the graph gives `[channels, rows, columns]`
 */
export function toCardOutput(
  values: Float32Array,
  { rows, columns, channels }: PictureShape,
  channelsFirst: boolean,
  interleaved: boolean,
  target: Uint16Array,
): void {
  const places = rows * columns;
  const [perPlace, perChannel] = channelsFirst ? [1, places] : [channels, 1];
  const block = interleaved ? BLOCK : channels;
  if (interleaved) target.fill(0);
  for (let channel = 0; channel < channels; channel++) {
    const inBlock = channel % block;
    let put = (channel - inBlock) * places + inBlock;
    for (let place = 0; place < places; place++, put += block)
      target[put] = floatToHalf(values[place * perPlace + channel * perChannel]!);
  }
}
