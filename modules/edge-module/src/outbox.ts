import { randomUUID } from 'node:crypto';
import type { OutgoingMessage } from './outgoing-message.js';
import type { Spool } from './spool.js';
import type { SpoolSegment } from './spool-segment.js';

export interface OutboxOptions {
  /** Messages kept while the hub is away; the oldest waiting one is dropped for a new one. Default 1000. */
  readonly maxMessages?: number;
  /** Bytes of bodies kept. Default 8 MiB. */
  readonly maxBytes?: number;
  /** Messages that may be unacknowledged at a time. Default 8; edgeHub takes 16. */
  readonly window?: number;
  /** Where messages wait while the hub is away, also over a restart; without it they wait in memory. */
  readonly spool?: Spool;
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

/** With a spool, this many messages are in memory; the others are on disk behind them. */
const MOST_IN_MEMORY = 64;

interface Entry {
  readonly message: OutgoingMessage;
  attempts: number;
  sending: boolean;
  /** The file that holds it, too. */
  segment?: SpoolSegment;
}

/**
 * Messages on their way to the hub, in order, at least once: after a lost connection they go out again with their id.
 *
 * With a spool they are on disk from the moment the hub is away, until it has acknowledged them. While it is there they
 * pass through memory: the disk is spared, and what a killed process loses is what was not acknowledged within a window.
 */
export class Outbox {
  #entries: Entry[] = [];
  #bytes = 0;
  #sending = 0;
  #sent = 0;
  #dropped = 0;
  #refused = 0;
  #refilling = false;
  #send: ((message: OutgoingMessage) => Promise<void>) | undefined;
  #onFailure: (error: Error) => void = () => {};
  readonly #idle: (() => void)[] = [];
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  readonly #window: number;
  readonly #spool: Spool | undefined;

  constructor(options: OutboxOptions = {}) {
    this.#maxMessages = options.maxMessages ?? 1000;
    this.#maxBytes = options.maxBytes ?? 8 * 1024 * 1024;
    this.#window = options.window ?? 8;
    this.#spool = options.spool;
  }

  /** Whether what is queued outlives the process. */
  get isDurable(): boolean {
    return this.#spool !== undefined;
  }

  get counters(): OutboxCounters {
    const inMemory = this.#entries.filter(({ segment }) => !segment).length;
    return {
      queued: inMemory + (this.#spool?.remaining ?? 0),
      sent: this.#sent,
      dropped: this.#dropped + (this.#spool?.dropped ?? 0),
      refused: this.#refused,
    };
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
    const message = { id: randomUUID(), output, body: data, properties };
    if (this.#spool && this.#mustWait(this.#spool)) {
      this.#spool.append(message);
      return undefined;
    }
    this.#enter({ message, attempts: 0, sending: false });
    this.#makeRoom();
    this.#pump();
    return undefined;
  }

  /** Behind what waits on disk, and as long as nobody takes it. */
  #mustWait(spool: Spool): boolean {
    return !this.#send || this.#refilling || spool.waiting > 0 || this.#entries.length >= MOST_IN_MEMORY;
  }

  #enter(entry: Entry): void {
    this.#entries.push(entry);
    this.#bytes += entry.message.body.length;
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
    this.#writeDown();
  }

  /** Everything that is not acknowledged goes to disk, before what waits there. */
  #writeDown(): void {
    if (!this.#spool || this.#entries.every(({ segment }) => segment)) return;
    const older = new Set(this.#entries.flatMap(({ segment }) => segment ?? []));
    const segment = this.#spool.keep(
      this.#entries.map(({ message }) => message),
      older,
    );
    for (const entry of this.#entries) entry.segment = segment;
  }

  /** Resolves when what waits on disk is written. */
  async flush(): Promise<void> {
    await this.#spool?.flush();
  }

  /** Resolves when every message was acknowledged; the caller bounds the wait. */
  drained(): Promise<void> {
    return this.#empty ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  #pump(): void {
    const send = this.#send;
    if (!send) return;
    if (this.#entries.length < this.#window) void this.#refill();
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

  get #empty(): boolean {
    return this.#entries.length === 0 && !this.#refilling && !this.#spool?.waiting;
  }

  /** The oldest file of the spool comes into memory, behind what is there. */
  async #refill(): Promise<void> {
    if (this.#refilling || !this.#spool?.waiting) return;
    this.#refilling = true;
    const taken = await this.#spool.take();
    this.#refilling = false;
    for (const message of taken?.messages ?? [])
      this.#enter({ message, attempts: 0, sending: false, segment: taken!.segment });
    this.#tellIdle();
    this.#pump();
  }

  #tellIdle(): void {
    if (this.#empty) for (const resolve of this.#idle.splice(0)) resolve();
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
    if (this.#spool) return;
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
    if (entry.segment) this.#spool?.done(entry.segment);
    this.#tellIdle();
    return true;
  }
}
