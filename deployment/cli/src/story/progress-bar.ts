const BAR = 24;

/** `[==========              ]  42 %  writing weights`. */
export function progressBar(done: number, total: number, text: string): string {
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
  const filled = Math.round(share * BAR);
  const bar = `[${'='.repeat(filled)}${' '.repeat(BAR - filled)}]`;
  return `${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${text}`;
}
