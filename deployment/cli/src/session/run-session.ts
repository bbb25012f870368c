import { type Runtime, type RuntimeEvent, type RuntimeOptions, startRuntime } from '@edgeslot/edge-runtime';
import { connectControl } from '@edgeslot/edge-runtime/control-client';
import { CliError, errorText } from '../cli-error.js';
import { RunView } from '../story/run-view.js';
import { statusText } from '../story/status-text.js';
import { Story } from '../story/story.js';
import type { StoryTerminal } from '../story/terminal.js';
import { summarise } from '../summary/run-summary.js';
import { writeSummary } from '../summary/summary-file.js';
import { endLines } from './end-lines.js';
import { hopelessFailure } from './hopeless-failure.js';
import type { StopSignals } from './stop-signals.js';

/** Longer than any module's stop budget of ten seconds, and than the hub's. */
const STOP_BOUND_MS = 45_000;
const STATUS_BOUND_MS = 3_000;
/** How often it is looked whether frames wait to be shown. */
const OVERDUE_MS = 1_000;

export interface SessionOptions {
  readonly runtime: Omit<RuntimeOptions, 'onEvent'>;
  readonly terminal: StoryTerminal;
  readonly signals: StopSignals;
  /** Most severe log number still shown. */
  readonly logSeverity: number;
  /** End once that many frames are scored, or with a failure when they are not within the time. */
  readonly goal?: { readonly frames: number; readonly timeoutMs: number };
  /** End with a failure when a module fails for good before any frame was scored. */
  readonly endOnFailure: boolean;
  readonly showStatus: boolean;
  readonly summaryFile?: string;
}

interface Ending {
  readonly reason: string;
  /** What went wrong; absent when the run ended as asked. */
  readonly failure?: string;
}

/** Runs the local Edge runtime in this process and tells its story until it is to end; answers the exit code. */
export async function runSession(options: SessionOptions): Promise<number> {
  const { terminal, signals } = options;
  const started = performance.now();
  const view = new RunView(() => performance.now() - started);
  const story = new Story(view, {
    paint: terminal.paint,
    logSeverity: options.logSeverity,
    columns: () => terminal.textColumns,
    ...(options.runtime.source !== undefined && { announced: options.runtime.source }),
  });
  let end: (ending: Ending) => void = () => {};
  const ended = new Promise<Ending>((resolve) => {
    end = resolve;
  });

  const onEvent = (event: RuntimeEvent): void => {
    const frame = view.take(event);
    terminal.print(story.lines(event, frame));
    if (options.goal && view.scoredSeen >= options.goal.frames) {
      end({ reason: `${options.goal.frames} frames are scored` });
    } else if (options.endOnFailure && view.scoredSeen === 0) {
      const failure = hopelessFailure(event, view);
      if (failure !== undefined) end({ reason: 'this cannot work', failure });
    }
  };
  const runtime = await startRuntime({ ...options.runtime, onEvent });
  if (options.showStatus) terminal.startStatus(() => statusOf(view, terminal));

  const overdue = setInterval(() => terminal.print(story.overdue(new Date())), OVERDUE_MS).unref();
  const timer = setTimeout(() => end(tooLate(view, options.goal!)), options.goal?.timeoutMs ?? 0);
  if (!options.goal) clearTimeout(timer);
  const onSignal = () => end({ reason: String(signals.stop.reason) });
  if (signals.stop.aborted) onSignal();
  else signals.stop.addEventListener('abort', onSignal, { once: true });
  void runtime.stopped.then(() => end({ reason: 'asked by another command' }));

  const ending = await ended;
  clearTimeout(timer);
  const desiredVersion = await lastLook(runtime, view);
  await stopRuntime(runtime, ending.reason, view, signals);
  clearInterval(overdue);
  terminal.stopStatus();

  const summary = summarise(view, desiredVersion);
  if (options.summaryFile !== undefined) await writeSummary(options.summaryFile, summary);
  terminal.print(endLines(terminal.paint, summary, options.summaryFile));
  if (ending.failure === undefined) return 0;
  throw new CliError(ending.failure);
}

function statusOf(view: RunView, terminal: StoryTerminal): string {
  return statusText(terminal.paint, {
    model: view.slot?.model,
    slotState: view.slot?.state,
    device: view.device?.kind,
    counters: view.tally.counters,
    p50: view.tally.latency.median,
  });
}

function tooLate(view: RunView, goal: { frames: number; timeoutMs: number }): Ending {
  const seconds = Math.round(goal.timeoutMs / 1000);
  const problems = [...view.problems].map(([module, text]) => `${module}: ${text}`);
  if (view.slot?.error) problems.push(`slot: ${view.slot.error}`);
  const why = problems.length > 0 ? problems.join('; ') : 'no module reports a failure; see `edgeslot logs`';
  return {
    reason: 'the time is over',
    failure: `${view.scoredSeen} of ${goal.frames} frames were scored in ${seconds} s: ${why}`,
  };
}

/** Reads, while everything still runs, what the events did not tell: restarts and the desired version. */
async function lastLook(runtime: Runtime, view: RunView): Promise<number | undefined> {
  const look = async () => {
    for (const module of (await runtime.status()).modules) view.restarts.set(module.name, module.restartCount);
    if (view.scoringModule === undefined) return undefined;
    const twin = await (await connectControl(runtime.stateDir)).twin(view.scoringModule);
    return twin.properties.desired.$version;
  };
  return within(look(), STATUS_BOUND_MS).catch(() => undefined);
}

async function stopRuntime(runtime: Runtime, reason: string, view: RunView, signals: StopSignals): Promise<void> {
  const hurry = () => {
    for (const pid of view.pids.values()) killQuietly(pid);
  };
  signals.hurry.addEventListener('abort', hurry, { once: true });
  try {
    await within(runtime.stop(reason), STOP_BOUND_MS);
  } catch (error) {
    hurry();
    throw new CliError(`the runtime did not stop as it should: ${errorText(error)}`);
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

async function within<T>(work: Promise<T>, boundMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${boundMs / 1000} s`)), boundMs);
  });
  return Promise.race([work, bound]).finally(() => clearTimeout(timer));
}
