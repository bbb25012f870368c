import type { ConnectionFactory, InputHandler, MethodHandler, MethodOptions } from './connection/hub-connection.js';
import type { Log } from './log.js';
import type { OutboxCounters, OutboxOptions } from './outbox.js';
import type { Desired, NamedSections } from './twin/desired-twin.js';
import type { JsonObject } from './twin/merge-patch.js';

/** Milliseconds; tests shorten them. */
export interface EdgeModuleTimings {
  readonly open: number;
  readonly twin: number;
  /** The SDK's close hangs while a message is unacknowledged. */
  readonly close: number;
  /** How long `stop` waits for messages and reported properties that are still on their way. */
  readonly flush: number;
  readonly firstRetry: number;
  readonly maxRetry: number;
  /** How often the twin is read without being told, which finds lost subscriptions and refused reports. */
  readonly heartbeat: number;
  /** A connection that lived this long was a good one: the back-off starts again. */
  readonly stable: number;
}

export const DEFAULT_TIMINGS: EdgeModuleTimings = {
  open: 30_000,
  twin: 15_000,
  close: 3000,
  flush: 2000,
  firstRetry: 500,
  maxRetry: 15_000,
  heartbeat: 300_000,
  stable: 10_000,
};

export interface EdgeModuleOptions {
  readonly log: Log;
  /** Makes one connection; Microsoft's SDK by default. */
  readonly connect?: ConnectionFactory;
  readonly outbox?: OutboxOptions;
  readonly timings?: Partial<EdgeModuleTimings>;
}

export interface EdgeModuleCounters extends OutboxCounters {
  /** Connections that came as far as a twin. */
  readonly connections: number;
  readonly reportsRefused: number;
}

/**
 * @param desired all sections
 * @param named those that patches have named since the last call, with the same value or another one; of a twin that was
 * read as a whole, those that differ
 */
export type DesiredListener = (desired: JsonObject, version: number, named: NamedSections) => void | Promise<void>;

/** What a module of ours sees of the Edge runtime. It works from `start` to `stop`, whether the hub is there or not. */
export interface EdgeModule {
  /** Starts to connect and goes on trying until `stop`. Throws at once when the environment is incomplete. */
  start(): void;
  /** Sends what is pending within a bound, then closes. Never rejects; idempotent. */
  stop(): Promise<void>;
  readonly connected: boolean;
  /** The desired properties as last known. */
  readonly desired: Desired | undefined;
  /** Waits for the first desired properties; `undefined` when they do not come within `timeoutMs`, or before the abort. */
  whenDesired(timeoutMs: number, signal?: AbortSignal): Promise<Desired | undefined>;
  /** Called with the whole desired properties at each change, and at once when they are known already. */
  onDesired(listener: DesiredListener): void;
  /** Replaces a reported section as a whole; `null` removes it. Sent again after every reconnection. */
  report(section: string, value: JsonObject | null): void;
  /** Has the hub forget all other sections, which an older version of the module may have left there. */
  reportOnly(sections: Iterable<string>): void;
  onMethod(name: string, handler: MethodHandler, options?: MethodOptions): void;
  /** Queues a JSON message; the oldest waiting one is dropped when the queue is full. */
  send(output: string, body: unknown, properties?: Readonly<Record<string, string>>): void;
  onInput(name: string, handler: InputHandler): void;
  readonly counters: EdgeModuleCounters;
}
