/** What a picture's header tells. */
export interface PictureHeader {
  readonly format: 'jpeg' | 'png' | 'gif';
  readonly width: number;
  readonly height: number;
  /** Colour components of a JPEG (1, 3 or 4), channels of a PNG, 3 for a GIF. */
  readonly components: number;
  /** Pictures in the file; 1 unless it is a GIF. */
  readonly frames: number;
}

/** A header that cannot be read; the message says what was found. */
export class HeaderError extends Error {}
