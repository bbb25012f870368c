import type { FrameMessage } from './frame-message.js';

/** Frames of one camera that were not scored for the same kind of reason, one after the other. */
export interface FrameRun {
  readonly camera: string;
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly status: 'dropped' | 'failed';
  readonly reason: string;
}

/** What is shown of the frames: one by itself, or several in a line. */
export type ShownFrames = { readonly frame: FrameMessage } | { readonly run: FrameRun };

interface OpenRun {
  /** `undefined` until an answer gave the reason. */
  kind: string | undefined;
  reason: string;
  readonly camera: string;
  readonly status: FrameRun['status'];
  readonly held: FrameMessage[];
  shownAt: number;
}

const SHOW_EVERY_MS = 5_000;

/**
 * Keeps a story readable while a model loads: the first frame that was not scored is shown at once, those that follow
 * for the same kind of reason are held back and shown as one line when the run ends, or every five seconds.
 * Every frame that is taken is shown exactly once, alone or in a line's count. Times are milliseconds of any clock.
 */
export class FrameRuns {
  readonly #open = new Map<string, OpenRun>();

  take(module: string, frame: FrameMessage, now: number): ShownFrames[] {
    const key = `${module}/${frame.camera}`;
    const run = this.#open.get(key);
    if (run !== undefined && frame.status !== 'scored' && join(run, frame)) {
      run.held.push(frame);
      return now - run.shownAt >= SHOW_EVERY_MS ? show(run, now) : [];
    }
    const shown: ShownFrames[] = [...(run === undefined ? [] : show(run, now)), { frame }];
    if (frame.status === 'scored') this.#open.delete(key);
    else {
      const { camera, status } = frame;
      this.#open.set(key, { kind: kindOf(frame), reason: reasonOf(frame), camera, status, held: [], shownAt: now });
    }
    return shown;
  }

  /** What has been held back for long enough; for a camera that says nothing more. */
  overdue(now: number): ShownFrames[] {
    return [...this.#open.values()].flatMap((run) => (now - run.shownAt >= SHOW_EVERY_MS ? show(run, now) : []));
  }

  /** What is still held back of a module's cameras, or of all. */
  end(module?: string): ShownFrames[] {
    const ended = [...this.#open].filter(([key]) => module === undefined || key.startsWith(`${module}/`));
    return ended.flatMap(([key, run]) => {
      this.#open.delete(key);
      return show(run, run.shownAt);
    });
  }
}

/** Why a frame was not scored, for people. */
export function reasonOf({ reason, httpStatus }: FrameMessage): string {
  return reason ?? (httpStatus === undefined ? 'no reason given' : `HTTP ${httpStatus}`);
}

/** Whether the frame belongs to the run; the run's reason is the last one that a server gave. */
function join(run: OpenRun, frame: FrameMessage): boolean {
  const kind = kindOf(frame);
  if (frame.status !== run.status || (kind !== undefined && run.kind !== undefined && kind !== run.kind)) return false;
  if (kind !== undefined) {
    run.kind = kind;
    run.reason = reasonOf(frame);
  }
  return true;
}

/** The error code where the reason begins with one. A frame that was given up unsent only follows from those before. */
function kindOf(frame: FrameMessage): string | undefined {
  if (frame.status === 'dropped' && frame.httpStatus === undefined) return undefined;
  const reason = reasonOf(frame);
  return /^[A-Z][A-Z_]+(?=:)/.exec(reason)?.[0] ?? reason.replace(/\d+/g, '0');
}

function show(run: OpenRun, now: number): ShownFrames[] {
  const { camera, status, reason } = run;
  const held = run.held.splice(0);
  run.shownAt = now;
  if (held.length <= 1) return held.map((frame) => ({ frame }));
  const numbers = held.map(({ frame }) => frame);
  const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
  return [{ run: { camera, first, last, count: held.length, status, reason } }];
}
