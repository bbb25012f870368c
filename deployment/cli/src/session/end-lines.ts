import { formatMs, storyLine, underLine } from '../story/columns.js';
import type { Paint } from '../story/style.js';
import type { RunSummary } from '../summary/run-summary.js';

/** The last lines of a run: what was counted. */
export function endLines(paint: Paint, summary: RunSummary, file: string | undefined): string[] {
  const { frames, latencyMs, firstScoreMs } = summary;
  const unanswered = frames.inFlight === 0 ? '' : `, ${frames.inFlight} unanswered`;
  const lines = [
    storyLine(
      paint,
      new Date(),
      'summary',
      `${frames.posted} frames posted: ${frames.scored} scored, ${frames.dropped} dropped, ${frames.failed} failed${unanswered}`,
    ),
  ];
  if (latencyMs.p50 !== null && latencyMs.max !== null && firstScoreMs !== null) {
    lines.push(
      underLine(
        `latency p50 ${formatMs(latencyMs.p50)}, max ${formatMs(latencyMs.max)}; first score ${formatMs(firstScoreMs)} after the runtime's start`,
      ),
    );
  }
  if (file !== undefined) lines.push(underLine(`written to ${file}`));
  return lines;
}
