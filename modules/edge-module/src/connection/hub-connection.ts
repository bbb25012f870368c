import type { OutgoingMessage } from '../outgoing-message.js';

export interface TwinSnapshot {
  /** With `$version`. */
  readonly desired: unknown;
  readonly reported: unknown;
}

export interface MethodReply {
  /** Any positive integer; by custom HTTP's. */
  readonly status: number;
  /** A JSON value. */
  readonly payload: unknown;
}

export type MethodHandler = (payload: unknown) => Promise<MethodReply> | MethodReply;

export interface MethodOptions {
  /**
   * Milliseconds after which the caller is answered 504; 25,000 by default, because the hub gives a caller 30 s unless he
   * asks for up to 300.
   */
  readonly timeoutMs?: number;
}

export interface IncomingMessage {
  readonly data: Buffer;
  readonly properties: Readonly<Record<string, string>>;
  readonly messageId?: string;
  readonly contentType?: string;
}

export type InputHandler = (message: IncomingMessage) => Promise<void> | void;

/**
 * One connection to the hub, from `open` until it is lost or closed. It never reconnects on its own: whoever owns it
 * makes a new one, which subscribes everything afresh.
 */
export interface HubConnection {
  open(): Promise<void>;
  /** Called at most once, and not after `close`. */
  onLost(listener: (error: Error) => void): void;
  onDesiredPatch(listener: (patch: unknown) => void): void;
  subscribeDesired(): Promise<void>;
  getTwin(): Promise<TwinSnapshot>;
  patchReported(patch: unknown): Promise<void>;
  registerMethod(name: string, handler: MethodHandler, options?: MethodOptions): void;
  subscribeInputs(listener: (input: string, message: IncomingMessage) => void): void;
  send(message: OutgoingMessage): Promise<void>;
  /** Rejects when it had to be closed by force after `timeoutMs`. */
  close(timeoutMs: number): Promise<void>;
}

export type ConnectionFactory = () => Promise<HubConnection>;
