import { StringDecoder } from 'node:string_decoder';

const LONGEST_LINE = 16 * 1024;

/** Cuts a stream of bytes into lines; a line past the limit comes in pieces, so memory stays bounded. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(private readonly onLine: (line: string) => void) {}

  push(chunk: Buffer): void {
    this.#take(this.#decoder.write(chunk));
  }

  end(): void {
    this.#take(this.#decoder.end());
    if (this.#rest !== '') this.onLine(this.#rest);
    this.#rest = '';
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#emit(line.endsWith('\r') ? line.slice(0, -1) : line);
    while (this.#rest.length > LONGEST_LINE) {
      this.onLine(this.#rest.slice(0, LONGEST_LINE));
      this.#rest = this.#rest.slice(LONGEST_LINE);
    }
  }

  #emit(line: string): void {
    for (let at = 0; at === 0 || at < line.length; at += LONGEST_LINE) this.onLine(line.slice(at, at + LONGEST_LINE));
  }
}
