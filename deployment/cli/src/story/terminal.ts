import { storyLine, TEXT_STARTS } from './columns.js';
import { choosePaint, type Paint, truncate } from './style.js';

const REDRAW_MS = 200;
const PLAIN_STATUS_MS = 10_000;

/**
 * Where the story is told. On a terminal the status line stays at the bottom and is redrawn together with what is
 * printed above it, in one write, so that nothing flickers; elsewhere it is printed every ten seconds.
 */
export class StoryTerminal {
  readonly paint: Paint;
  readonly #interactive: boolean;
  #status: (() => string) | undefined;
  #name = '';
  #shown = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly stream: NodeJS.WriteStream,
    env: NodeJS.ProcessEnv,
  ) {
    this.paint = choosePaint(stream, env);
    this.#interactive = stream.isTTY === true && env.TERM !== 'dumb';
  }

  get interactive(): boolean {
    return this.#interactive;
  }

  /** Columns that are left for a text beside the time and the name. */
  get textColumns(): number {
    return this.#interactive ? Math.max(40, (this.stream.columns ?? 100) - TEXT_STARTS) : 120;
  }

  print(lines: readonly string[]): void {
    if (lines.length === 0) return;
    const text = `${lines.join('\n')}\n`;
    if (!this.#interactive) {
      this.stream.write(text);
      return;
    }
    this.stream.write(`${this.#shown === '' ? '' : '\r\x1b[2K'}${text}${this.#compose()}`);
  }

  /** Shows what `status` answers from now on, always fresh; `name` stands before it where it is printed. */
  startStatus(status: () => string, name = 'status'): void {
    this.#status = status;
    this.#name = name;
    this.#timer ??= setInterval(() => this.#tick(), this.#interactive ? REDRAW_MS : PLAIN_STATUS_MS);
  }

  /** Takes the status line away; what was printed stays. */
  stopStatus(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#status = undefined;
    if (this.#shown !== '') this.stream.write('\r\x1b[2K');
    this.#shown = '';
  }

  #tick(): void {
    if (!this.#interactive) {
      const text = this.#status?.() ?? '';
      if (text !== '') this.stream.write(`${storyLine(this.paint, new Date(), this.#name, text)}\n`);
      return;
    }
    const before = this.#shown;
    const now = this.#compose();
    if (now !== before) this.stream.write(`\r\x1b[2K${now}`);
  }

  #compose(): string {
    const text = this.#status?.() ?? '';
    this.#shown = text === '' ? '' : truncate(text, (this.stream.columns || 80) - 1);
    return this.#shown;
  }
}
