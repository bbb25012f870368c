export interface Picture {
  readonly bytes: Buffer;
  readonly contentType: string;
}

/** Where a camera's pictures come from. */
export interface FrameSource {
  /** Takes the picture of a frame. */
  take(frame: number): Promise<Picture>;
  /** The seed that the frame is known by, if it is a synthetic one. */
  seedOf(frame: number): number | undefined;
}
