/** The hub takes strings of 4096 bytes; a text in a twin should be much shorter. Characters. */
const TEXT_LIMIT = 500;

export function clip(text: string): string {
  return text.length <= TEXT_LIMIT ? text : `${text.slice(0, TEXT_LIMIT - 1)}…`;
}

/** How a desired section fared: status by HTTP's numbers, and one readable line. */
export interface SectionStatus {
  readonly code: number;
  readonly text: string;
}
