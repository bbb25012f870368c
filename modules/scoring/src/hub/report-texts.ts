/** Bytes of JSON. The hub takes strings of 4096; a text in a twin should be much shorter. */
export const LONGEST_TEXT = 500;

/** The beginning of a text, with an ellipsis when it was cut, in at most `bytes` bytes of JSON without its quotes. */
export function clip(text: string, bytes = LONGEST_TEXT): string {
  if (text.length <= bytes && jsonBytes(text) <= bytes) return text;
  let size = 3;
  let end = 0;
  // Each character takes a byte or more.
  for (const character of text.slice(0, bytes)) {
    size += jsonBytes(character);
    if (size > bytes) break;
    end += character.length;
  }
  return `${text.slice(0, end)}…`;
}

function jsonBytes(text: string): number {
  return sizeOf(text) - 2;
}

/** Bytes of a value's JSON. */
export function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** How a desired section fared: status by HTTP's numbers, and one readable line. */
export interface SectionStatus {
  readonly code: number;
  readonly text: string;
}
