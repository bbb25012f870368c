import type { FrameCounters } from '../story/frame-message.js';
import { readAppliedVersion } from '../story/reported-twin.js';
import type { RunView } from '../story/run-view.js';

/** What a run came to; `null` stands for what was never seen. Milliseconds; latency is the camera's, post to answer. */
export interface RunSummary {
  /** `posted = scored + dropped + failed + inFlight`. */
  readonly frames: FrameCounters;
  readonly latencyMs: { readonly p50: number | null; readonly max: number | null; readonly n: number };
  /** From the runtime's start. */
  readonly firstScoreMs: number | null;
  readonly model: { readonly name: string; readonly version: number } | null;
  readonly device: { readonly kind: string; readonly reason: string } | null;
  readonly twin: { readonly desiredVersion: number | null; readonly appliedVersion: number | null };
  readonly upstream: { readonly messages: number };
  readonly modules: Readonly<Record<string, { readonly restarts: number }>>;
}

export function summarise(view: RunView, desiredVersion: number | undefined): RunSummary {
  const { latency } = view.tally;
  const { device } = view;
  const reported = view.scoringModule === undefined ? undefined : view.reported(view.scoringModule);
  return {
    frames: view.tally.counters,
    latencyMs: { p50: latency.median, max: latency.max, n: latency.count },
    firstScoreMs: view.firstScoreMs ?? null,
    model: splitModel(view.lastScored?.model ?? view.slot?.model),
    device: device ? { kind: device.kind, reason: device.reason ?? '' } : null,
    twin: { desiredVersion: desiredVersion ?? null, appliedVersion: readAppliedVersion(reported) ?? null },
    upstream: { messages: view.upstreamMessages },
    modules: Object.fromEntries([...view.restarts].map(([name, restarts]) => [name, { restarts }])),
  };
}

function splitModel(id: string | undefined): RunSummary['model'] {
  const match = /^(.+):(\d+)$/.exec(id ?? '');
  return match ? { name: match[1]!, version: Number(match[2]) } : null;
}
