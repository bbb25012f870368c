import { formatPropertyBag, type MessageProperties } from './property-bag.js';
import type { QoS } from './topics.js';

/** The module that the queue is for, connected or not. */
export interface InputTarget {
  readonly deviceId: string;
  readonly moduleId: string;
  readonly connection: { publish(topic: string, payload: Buffer, qos: QoS): number } | undefined;
  qosOf(feature: 'inputs'): QoS | undefined;
}

export interface InputEntry extends MessageProperties {
  readonly input: string;
  readonly data: Buffer;
}

/** edgeHub's MessageAckTimeoutSecs. */
const ACK_TIMEOUT_MS = 30_000;
const MAX_MESSAGES = 1000;
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Messages for one module's inputs: in order, one unacknowledged at a time, held while the module is away and sent
 * again when the acknowledgement does not come (so duplicates are possible, loss is not, but for the bound).
 */
export class InputQueue {
  #waiting: InputEntry[] = [];
  #bytes = 0;
  #inFlight: { readonly entry: InputEntry; messageId: number | undefined } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #dropped = 0;

  constructor(
    private readonly target: InputTarget,
    private readonly log: (text: string) => void,
  ) {}

  get length(): number {
    return this.#waiting.length + (this.#inFlight === undefined ? 0 : 1);
  }

  /** False when the queue is full and the message was refused. */
  offer(entry: InputEntry): boolean {
    if (this.#isFull(entry)) return false;
    this.#add(entry);
    return true;
  }

  /** When the queue is full the oldest messages go, as with a store at its limit. */
  push(entry: InputEntry): void {
    while (this.#isFull(entry) && this.#waiting.length > 0) {
      this.#bytes -= (this.#waiting.shift() as InputEntry).data.length;
      this.#dropped += 1;
      if (this.#dropped === 1) {
        this.log(`${this.target.moduleId}: ${MAX_MESSAGES} messages wait for its inputs, the oldest are dropped`);
      }
    }
    this.#add(entry);
  }

  /** Sends the next message if the module can take one. */
  pump(): void {
    const { connection, deviceId, moduleId } = this.target;
    const qos = this.target.qosOf('inputs');
    if (connection === undefined || qos === undefined) return;
    // Sending may close a connection that does not read; what is left then waits for the next one.
    while (this.#inFlight?.messageId === undefined && this.target.connection === connection) {
      const entry = this.#inFlight?.entry ?? this.#take();
      if (entry === undefined) {
        this.#reportDropped();
        return;
      }
      // The slash after the input's name is needed even without properties: the Node SDK loses the message otherwise.
      const topic = `devices/${deviceId}/modules/${moduleId}/inputs/${encodeURIComponent(entry.input)}/${formatPropertyBag(entry)}`;
      const messageId = connection.publish(topic, entry.data, qos);
      if (this.target.connection !== connection) return;
      if (qos === 0) {
        this.#inFlight = undefined;
      } else {
        this.#inFlight = { entry, messageId };
        this.#startTimer();
      }
    }
  }

  /** An acknowledgement; one for nothing in flight is ignored. */
  acknowledged(messageId: number): void {
    if (this.#inFlight?.messageId !== messageId) return;
    clearTimeout(this.#timer);
    this.#inFlight = undefined;
    this.pump();
  }

  /** The connection is gone: what was in flight waits for the next one. */
  interrupted(): void {
    clearTimeout(this.#timer);
    if (this.#inFlight !== undefined) this.#inFlight.messageId = undefined;
  }

  clear(): void {
    this.interrupted();
    this.#inFlight = undefined;
    this.#waiting = [];
    this.#bytes = 0;
  }

  #add(entry: InputEntry): void {
    this.#waiting.push(entry);
    this.#bytes += entry.data.length;
    this.pump();
  }

  #take(): InputEntry | undefined {
    const entry = this.#waiting.shift();
    if (entry !== undefined) {
      this.#bytes -= entry.data.length;
      this.#inFlight = { entry, messageId: undefined };
    }
    return entry;
  }

  #isFull(entry: InputEntry): boolean {
    return this.length >= MAX_MESSAGES || this.#bytes + entry.data.length > MAX_BYTES;
  }

  #startTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.log(`${this.target.moduleId}: no acknowledgement within ${ACK_TIMEOUT_MS / 1000} s, sending again`);
      this.interrupted();
      this.pump();
    }, ACK_TIMEOUT_MS);
  }

  #reportDropped(): void {
    if (this.#dropped === 0) return;
    this.log(`${this.target.moduleId}: ${this.#dropped} messages for its inputs were dropped while it was away`);
    this.#dropped = 0;
  }
}
