const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npm passes Ctrl-C on to a process that the terminal has told already: within this time it is the same Ctrl-C. */
const SAME_MS = 700;

/** Turns Ctrl-C, SIGTERM and a closed terminal into an abort; a second one asks to hurry. */
export class StopSignals {
  readonly #abort = new AbortController();
  readonly #hurry = new AbortController();
  #first = 0;
  readonly #listener = (signal: NodeJS.Signals) => this.#take(signal);

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#listener);
  }

  /** Aborted by the first signal, with its name as the reason. */
  get stop(): AbortSignal {
    return this.#abort.signal;
  }

  get hurry(): AbortSignal {
    return this.#hurry.signal;
  }

  dispose(): void {
    for (const signal of SIGNALS) process.removeListener(signal, this.#listener);
  }

  #take(signal: NodeJS.Signals): void {
    const now = performance.now();
    if (!this.#abort.signal.aborted) {
      this.#first = now;
      this.#abort.abort(signal === 'SIGINT' ? 'Ctrl-C' : signal);
    } else if (now - this.#first > SAME_MS) {
      this.#hurry.abort();
    }
  }
}
