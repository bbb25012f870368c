import { appendFile, readFile, unlink } from 'node:fs/promises';
import type { OutgoingMessage } from './outgoing-message.js';

/** One file of a spool: a message a line, in order. */
export class SpoolSegment {
  #lines: string[] = [];
  #writing: Promise<Error | undefined> | undefined;

  constructor(
    readonly path: string,
    /** Of the file and of what is on its way to it. */
    public bytes = 0,
    /** Messages that are neither sent nor dropped. */
    public remaining = 0,
  ) {}

  /** @returns how the writing of everything so far ends: with an error, after which this file takes no more */
  append(line: string): Promise<Error | undefined> {
    this.#lines.push(line);
    this.bytes += Buffer.byteLength(line);
    this.remaining++;
    this.#writing ??= this.#write();
    return this.#writing;
  }

  /** What comes while a write is on its way goes out with the next one. */
  async #write(): Promise<Error | undefined> {
    try {
      while (this.#lines.length > 0) await appendFile(this.path, this.#lines.splice(0).join(''), { mode: 0o600 });
      return undefined;
    } catch (error) {
      this.#lines = [];
      return error as Error;
    } finally {
      this.#writing = undefined;
    }
  }

  async written(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  /** Its messages; lines that a power cut or a full disk has torn are left out. */
  async read(): Promise<OutgoingMessage[]> {
    await this.written();
    const text = await readFile(this.path, 'utf8');
    return text.split('\n').flatMap((line) => readLine(line) ?? []);
  }

  async remove(): Promise<void> {
    await this.written();
    await unlink(this.path).catch(() => {});
  }
}

export function toLine({ id, output, body, properties }: OutgoingMessage): string {
  return `${JSON.stringify({ id, output, body: body.toString(), properties })}\n`;
}

function readLine(line: string): OutgoingMessage | undefined {
  try {
    const { id, output, body, properties } = JSON.parse(line) as Record<string, unknown>;
    if (typeof id !== 'string' || typeof output !== 'string' || typeof body !== 'string') return undefined;
    return { id, output, body: Buffer.from(body), properties: (properties ?? {}) as Record<string, string> };
  } catch {
    return undefined;
  }
}
