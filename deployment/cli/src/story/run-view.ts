import type { RuntimeEvent } from '@edgeslot/edge-runtime';
import { FrameTally } from '../summary/frame-tally.js';
import { type FrameMessage, readCounters, readFrameMessage } from './frame-message.js';
import { mergePatch, type ReportedDevice, type ReportedSlot, readDevice, readSlot } from './reported-twin.js';

/**
 * What a run has shown so far, learnt from nothing but the runtime's events: the one place where events become
 * figures. The story prints from it, the summary is written from it.
 */
export class RunView {
  readonly tally = new FrameTally();
  /** Frames whose answer came, by the messages themselves. */
  scoredSeen = 0;
  upstreamMessages = 0;
  /** The latest frame that was scored. */
  lastScored: FrameMessage | undefined;
  firstScoreMs: number | undefined;
  /** The module that reports a slot. */
  scoringModule: string | undefined;
  /** What went wrong last with each module, until it runs again. */
  readonly problems = new Map<string, string>();
  readonly restarts = new Map<string, number>();
  readonly pids = new Map<string, number>();
  readonly #reported = new Map<string, unknown>();
  #lastFrameKey = '';

  /** `sinceStart` gives the milliseconds since the runtime was started. */
  constructor(private readonly sinceStart: () => number) {}

  /** Takes one event in; returns the frame when it brought a new one. */
  take(event: RuntimeEvent): FrameMessage | undefined {
    if (event.type === 'module') this.#takeModule(event);
    else if (event.type === 'twin' && event.section === 'reported') this.#takeReported(event.module, event.patch);
    else if (event.type === 'message') return this.#takeMessage(event);
    return undefined;
  }

  reported(module: string): unknown {
    return this.#reported.get(module);
  }

  get slot(): ReportedSlot | undefined {
    return this.scoringModule === undefined ? undefined : readSlot(this.#reported.get(this.scoringModule));
  }

  get device(): ReportedDevice | undefined {
    return this.scoringModule === undefined ? undefined : readDevice(this.#reported.get(this.scoringModule));
  }

  #takeModule(event: Extract<RuntimeEvent, { type: 'module' }>): void {
    const { module, status } = event;
    if (status) {
      this.restarts.set(module, status.restartCount);
      if (status.pid === undefined) this.pids.delete(module);
      else this.pids.set(module, status.pid);
    }
    if (event.event === 'started') {
      // The twin of an earlier process says nothing about this one.
      this.#reported.delete(module);
      this.problems.delete(module);
      this.tally.moduleEnded(module);
    } else if (event.event === 'exited' || event.event === 'backoff' || event.event === 'failed') {
      this.problems.set(module, event.text);
    } else if (event.event === 'removed') {
      this.problems.delete(module);
    }
  }

  #takeReported(module: string, patch: unknown): void {
    const merged = mergePatch(this.#reported.get(module), patch);
    this.#reported.set(module, merged);
    if (readSlot(merged)) this.scoringModule = module;
    const section = (merged as Record<string, unknown>).counters;
    const counters = readCounters(section);
    if (counters) this.tally.addReported(module, (section as { camera?: string }).camera, counters);
  }

  #takeMessage(event: Extract<RuntimeEvent, { type: 'message' }>): FrameMessage | undefined {
    if (event.sink === '$upstream') this.upstreamMessages++;
    if (event.output !== 'frames') return undefined;
    const frame = readFrameMessage(event.body);
    if (!frame) return undefined;
    // A message that two routes take is told twice, one after the other.
    const key = `${event.module}/${JSON.stringify(event.body)}`;
    if (key === this.#lastFrameKey) return undefined;
    this.#lastFrameKey = key;
    this.tally.addFrame(event.module, frame);
    if (frame.status === 'scored') {
      this.scoredSeen++;
      this.lastScored = frame;
      this.firstScoreMs ??= Math.round(this.sinceStart());
    }
    return frame;
  }
}
