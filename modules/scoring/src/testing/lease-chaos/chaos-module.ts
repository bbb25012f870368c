import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

interface Shown {
  readonly state: string;
  readonly model?: string;
  readonly error?: string;
  readonly epoch?: number;
}

/** One process of the chaos, and what it says of itself. */
export class ChaosModule {
  readonly #child: ChildProcess;
  readonly exited: Promise<unknown>;
  shown: Shown = { state: 'none' };
  stopped = false;
  gone = false;

  /** @param changed called with every line that it writes, and with its end */
  constructor(
    directory: string,
    readonly name: string,
    changed: () => void,
  ) {
    const script = fileURLToPath(new URL('./chaos-process.js', import.meta.url));
    this.#child = spawn(process.execPath, [script, directory, name], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdin!.on('error', () => {});
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      this.shown = JSON.parse(line) as Shown;
      changed();
    });
    this.exited = once(this.#child, 'exit').then(() => {
      this.gone = true;
      changed();
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Whether it has come to rest: it serves, or has handed over and waits. */
  get settled(): boolean {
    const { state, error } = this.shown;
    return state === 'AVAILABLE' || (state === 'END' && error?.startsWith('LEASE_') === true);
  }

  get serves(): boolean {
    return !this.gone && !this.stopped && this.shown.state === 'AVAILABLE';
  }

  tell(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.stopped = signal === 'SIGSTOP';
    this.#child.kill(signal);
  }
}
