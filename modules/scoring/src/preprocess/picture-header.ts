/** What a picture's header tells. */
export interface PictureHeader {
  readonly format: 'jpeg' | 'png' | 'gif';
  readonly width: number;
  readonly height: number;
  /** Colour components of a JPEG (1, 3 or 4), channels of a PNG, 3 for a GIF. */
  readonly components: number;
  /** Pictures in the file; 1 unless it is a GIF. */
  readonly frames: number;
  /** Scans of a JPEG, each a pass over the whole picture when it is progressive; 1 for the others. */
  readonly scans: number;
  /** Sampling factors of a JPEG's components, e.g. `2x2 1x1 1x1`. */
  readonly sampling?: string;
  /** Where the parts of a GIF are. */
  readonly gif?: GifLayout;
}

/** Where the parts of a GIF's first picture are. */
export interface GifLayout {
  readonly left: number;
  readonly top: number;
  readonly interlaced: boolean;
  /** Red, green and blue of each colour; none when the file has no table. */
  readonly palette: Uint8Array | undefined;
  /** Index of the colour that is not drawn; -1 for none. */
  readonly transparent: number;
  /** Byte of the LZW code size, the first of the picture's data. */
  readonly dataAt: number;
}

/** A header that cannot be read; the message says what was found. */
export class HeaderError extends Error {}
