/** What is refused from a picture's header alone, before anything is decoded. */
export interface PictureLimits {
  /** Encoded size in bytes. */
  readonly maxBytes: number;
  /** Width × height. */
  readonly maxPixels: number;
  /** Longest side in pixels. */
  readonly maxSide: number;
}

export const DEFAULT_LIMITS: PictureLimits = { maxBytes: 32 << 20, maxPixels: 50_000_000, maxSide: 65_535 };
