import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OutgoingMessage } from './outgoing-message.js';
import { SpoolSegment, toLine } from './spool-segment.js';

export interface SpoolOptions {
  /** Made when it is not there; no other process may use it at the same time. */
  readonly directory: string;
  /** Of all files together; the oldest one is dropped for new messages. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Called when messages could not be written, or not be read any more. */
  readonly onFault?: (text: string) => void;
}

const DEFAULT_BYTES = 64 * 1024 * 1024;
const LARGEST_SEGMENT = 256 * 1024;
const FILE = /^(\d{12})\.ndjson$/;
/** In the middle, because messages can be put before the first file as well. */
const FIRST = 500_000_000_000;

/**
 * Messages in files of a directory, first in, first out, and within a bound. What is there when it is opened comes first.
 *
 * Files are not flushed to the medium one by one: everything survives the end of the process, and a power cut costs the
 * last seconds.
 */
export class Spool {
  readonly #directory: string;
  readonly #maxBytes: number;
  readonly #segmentBytes: number;
  readonly #onFault: (text: string) => void;
  /** Not taken, oldest first. */
  readonly #waiting: SpoolSegment[] = [];
  /** Taken, and not all acknowledged. */
  readonly #taken = new Set<SpoolSegment>();
  readonly #removals = new Set<Promise<void>>();
  /** The last one of those that wait, as long as it can grow. */
  #tail: SpoolSegment | undefined;
  #first = FIRST;
  #next = FIRST;
  #dropped = 0;
  #told = '';

  /** @throws when the directory cannot be made or read */
  constructor(options: SpoolOptions) {
    this.#directory = options.directory;
    this.#maxBytes = options.maxBytes ?? DEFAULT_BYTES;
    this.#segmentBytes = Math.min(LARGEST_SEGMENT, Math.ceil(this.#maxBytes / 8));
    this.#onFault = options.onFault ?? (() => {});
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    for (const file of readdirSync(this.#directory).sort()) {
      const number = Number(FILE.exec(file)?.[1]);
      if (!Number.isSafeInteger(number)) continue;
      const path = join(this.#directory, file);
      const content = readFileSync(path);
      let lines = 0;
      for (let at = content.indexOf(10); at >= 0; at = content.indexOf(10, at + 1)) lines++;
      this.#waiting.push(new SpoolSegment(path, content.length, lines));
      if (this.#waiting.length === 1) this.#first = number;
      this.#next = number + 1;
    }
    this.#makeRoom();
  }

  /** Messages that wait to be taken. */
  get waiting(): number {
    return sum(this.#waiting, ({ remaining }) => remaining);
  }

  /** Messages on disk, taken or not, that were not acknowledged. */
  get remaining(): number {
    return this.waiting + sum(this.#taken, ({ remaining }) => remaining);
  }

  /** Messages that fell to the bound or to the disk. */
  get dropped(): number {
    return this.#dropped;
  }

  append(message: OutgoingMessage): void {
    const line = toLine(message);
    if (!this.#tail || this.#tail.bytes + line.length > this.#segmentBytes) {
      this.#tail = this.#segment(this.#next++);
      this.#waiting.push(this.#tail);
    }
    void this.#write(this.#tail, line);
    this.#makeRoom();
  }

  /**
   * Writes down what is in memory, which is older than all that waits, as one taken file.
   *
   * @param replaced files whose messages are among these; they go once the new one is written
   */
  keep(messages: readonly OutgoingMessage[], replaced: Iterable<SpoolSegment>): SpoolSegment {
    const segment = this.#segment(--this.#first);
    this.#taken.add(segment);
    const written = messages.map((message) => this.#write(segment, toLine(message)));
    for (const old of replaced) {
      this.#taken.delete(old);
      void Promise.all(written).then((errors) => {
        if (!errors.some(Boolean)) this.#remove(old);
      });
    }
    return segment;
  }

  /** The oldest messages; each is to be given back by `done`. */
  async take(): Promise<{ readonly segment: SpoolSegment; readonly messages: readonly OutgoingMessage[] } | undefined> {
    const segment = this.#waiting.shift();
    if (!segment) return undefined;
    if (segment === this.#tail) this.#tail = undefined;
    this.#taken.add(segment);
    let messages: readonly OutgoingMessage[] = [];
    try {
      messages = await segment.read();
    } catch (error) {
      this.#fault(segment, error as Error);
    }
    this.#dropped += Math.max(0, segment.remaining - messages.length);
    segment.remaining = messages.length;
    if (messages.length === 0) this.#forget(segment);
    return { segment, messages };
  }

  /** A taken message was acknowledged or given up; its file goes with its last one. */
  done(segment: SpoolSegment): void {
    segment.remaining--;
    if (segment.remaining <= 0) this.#forget(segment);
  }

  /** Resolves when everything is written, and the files of what was acknowledged are gone. */
  async flush(): Promise<void> {
    await Promise.all([...this.#waiting, ...this.#taken].map((segment) => segment.written()));
    await Promise.all(this.#removals);
  }

  #segment(number: number): SpoolSegment {
    return new SpoolSegment(join(this.#directory, `${String(number).padStart(12, '0')}.ndjson`));
  }

  async #write(segment: SpoolSegment, line: string): Promise<Error | undefined> {
    const error = await segment.append(line);
    if (!error) return undefined;
    // Half a line may be in it: nothing more goes into this file.
    if (segment === this.#tail) this.#tail = undefined;
    this.#fault(segment, error);
    return error;
  }

  #fault(segment: SpoolSegment, error: Error): void {
    const text = `${segment.path}: ${error.message}`;
    // Every message of a write fails with it.
    if (text !== this.#told) this.#onFault(text);
    this.#told = text;
  }

  #forget(segment: SpoolSegment): void {
    this.#taken.delete(segment);
    this.#remove(segment);
  }

  #remove(segment: SpoolSegment): void {
    const removal = segment.remove().finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }

  #makeRoom(): void {
    const bytes = () => sum(this.#waiting, (one) => one.bytes) + sum(this.#taken, (one) => one.bytes);
    while (this.#waiting.length > 1 && bytes() > this.#maxBytes) {
      const oldest = this.#waiting.shift()!;
      this.#dropped += oldest.remaining;
      this.#remove(oldest);
    }
  }
}

function sum<T>(items: Iterable<T>, of: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += of(item);
  return total;
}
