/** A decoded picture: 8-bit RGB, row by row, no padding. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Valid until the next call of the decoder that made it. */
  readonly rgb: Uint8Array;
}
