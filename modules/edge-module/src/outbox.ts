import { randomUUID } from 'node:crypto';

/** A telemetry message, ready for the wire: UTF-8 JSON. */
export interface OutgoingMessage {
  readonly id: string;
  readonly output: string;
  readonly body: Buffer;
  readonly properties: Readonly<Record<string, string>>;
}

export interface OutboxOptions {
  /** Messages kept while the hub is away; the oldest waiting one is dropped for a new one. Default 1000. */
  readonly maxMessages?: number;
  /** Bytes of bodies kept. Default 8 MiB. */
  readonly maxBytes?: number;
  /** Messages that may be unacknowledged at a time. Default 8; edgeHub takes 16. */
  readonly window?: number;
}

export interface OutboxCounters {
  readonly queued: number;
  readonly sent: number;
  /** Dropped because the queue was full, or because the message failed too often. */
  readonly dropped: number;
  /** Refused at the door: too large, or not JSON. */
  readonly refused: number;
}

/** The hub closes a connection on a packet over 262,144 bytes, and the packet holds topic and properties too. */
const PACKET_BYTES = 262_144 - 4096;

/** A message that met this many lost connections is likely to be their cause. */
const MAX_ATTEMPTS = 10;

interface Entry {
  readonly message: OutgoingMessage;
  attempts: number;
  sending: boolean;
}

/** Messages on their way to the hub, in order, at least once: after a lost connection they go out again with their id. */
export class Outbox {
  #entries: Entry[] = [];
  #bytes = 0;
  #sending = 0;
  #sent = 0;
  #dropped = 0;
  #refused = 0;
  #send: ((message: OutgoingMessage) => Promise<void>) | undefined;
  #onFailure: (error: Error) => void = () => {};
  readonly #idle: (() => void)[] = [];
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  readonly #window: number;

  constructor(options: OutboxOptions = {}) {
    this.#maxMessages = options.maxMessages ?? 1000;
    this.#maxBytes = options.maxBytes ?? 8 * 1024 * 1024;
    this.#window = options.window ?? 8;
  }

  get counters(): OutboxCounters {
    return { queued: this.#entries.length, sent: this.#sent, dropped: this.#dropped, refused: this.#refused };
  }

  /** Returns why the message was refused, if it was. */
  push(output: string, body: unknown, properties: Readonly<Record<string, string>> = {}): string | undefined {
    const fault = (text: string) => {
      this.#refused++;
      return `message on output ${output}: ${text}`;
    };
    let text: string | undefined;
    try {
      text = JSON.stringify(body);
    } catch (error) {
      return fault(`not JSON: ${(error as Error).message}`);
    }
    if (text === undefined) return fault(`the body is ${typeof body}; expected a JSON value`);
    const data = Buffer.from(text);
    const size = data.length + Buffer.byteLength(JSON.stringify(properties)) * 3;
    if (size > PACKET_BYTES) return fault(`${size} bytes with properties; expected at most ${PACKET_BYTES}`);
    this.#entries.push({
      message: { id: randomUUID(), output, body: data, properties },
      attempts: 0,
      sending: false,
    });
    this.#bytes += data.length;
    this.#makeRoom();
    this.#pump();
    return undefined;
  }

  attach(send: (message: OutgoingMessage) => Promise<void>, onFailure: (error: Error) => void): void {
    this.#send = send;
    this.#onFailure = onFailure;
    this.#pump();
  }

  /** What was under way goes out again over the next connection. */
  detach(): void {
    this.#send = undefined;
    for (const entry of this.#entries) entry.sending = false;
    this.#sending = 0;
  }

  /** Resolves when every message was acknowledged; the caller bounds the wait. */
  drained(): Promise<void> {
    return this.#entries.length === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  #pump(): void {
    const send = this.#send;
    if (!send) return;
    for (const entry of [...this.#entries]) {
      if (this.#sending >= this.#window) return;
      if (entry.sending) continue;
      if (entry.attempts >= MAX_ATTEMPTS) {
        this.#remove(entry);
        this.#dropped++;
        continue;
      }
      entry.sending = true;
      entry.attempts++;
      this.#sending++;
      send(entry.message).then(
        () => this.#acknowledged(entry, send),
        (error: Error) => this.#failed(error, send),
      );
    }
  }

  #acknowledged(entry: Entry, send: unknown): void {
    if (this.#remove(entry)) this.#sent++;
    if (this.#send !== send) return;
    this.#sending--;
    this.#pump();
  }

  /** Any failure ends the connection: it keeps the order, and a fresh connection is the one cure for all of them. */
  #failed(error: Error, send: unknown): void {
    if (this.#send !== send) return;
    this.detach();
    this.#onFailure(error);
  }

  #makeRoom(): void {
    while (this.#entries.length > this.#maxMessages || this.#bytes > this.#maxBytes) {
      const oldest = this.#entries.find((entry) => !entry.sending);
      if (!oldest) return;
      this.#remove(oldest);
      this.#dropped++;
    }
  }

  #remove(entry: Entry): boolean {
    const index = this.#entries.indexOf(entry);
    if (index < 0) return false;
    this.#entries.splice(index, 1);
    this.#bytes -= entry.message.body.length;
    if (this.#entries.length === 0) for (const resolve of this.#idle.splice(0)) resolve();
    return true;
  }
}
