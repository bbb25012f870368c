import { setTimeout as sleep } from 'node:timers/promises';
import type { Asker } from './askers.js';
import type { ExpectedAnswers } from './expected-answers.js';
import { type Failure, LoadReport } from './load-report.js';

export interface LoadOptions {
  readonly askers: readonly Asker[];
  readonly pictures: readonly Uint8Array[];
  readonly expected: ExpectedAnswers;
}

/** The first failures tell why; of a server that is gone there would be thousands. */
const MOST_FAILURES = 50;
const PAUSE_AFTER_FAILURE_MS = 20;

/** Clients in a closed loop: each asks again as soon as it has its answer, and every answer is checked. */
export class Load {
  readonly #options: LoadOptions;
  readonly #start = performance.now();
  readonly #ended: number[] = [];
  readonly #took: number[] = [];
  readonly #byModel = new Map<string, number>();
  readonly #failures: Failure[] = [];
  readonly #answers: number[];
  readonly #loops: Promise<void>[];
  #failed = 0;
  #running = true;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#answers = options.askers.map(() => 0);
    this.#loops = options.askers.map((asker, index) => this.#loop(asker, index));
  }

  /** Milliseconds since the load began. */
  get now(): number {
    return performance.now() - this.#start;
  }

  /** How often each asker was answered, rightly or not. */
  get answers(): readonly number[] {
    return [...this.#answers];
  }

  /** Lets every client have its last answer. */
  async stop(): Promise<LoadReport> {
    this.#running = false;
    await Promise.all(this.#loops);
    for (const asker of this.#options.askers) asker.close();
    return new LoadReport({
      ended: this.#ended,
      took: this.#took,
      byModel: this.#byModel,
      failed: this.#failed,
      failures: this.#failures,
    });
  }

  async #loop(asker: Asker, index: number): Promise<void> {
    const { pictures, expected } = this.#options;
    for (let call = index; this.#running; call++) {
      const picture = call % pictures.length;
      const start = this.now;
      try {
        const { model, scores } = await asker.ask(pictures[picture]!);
        this.#ended.push(this.now);
        this.#took.push(this.now - start);
        this.#answers[index]!++;
        this.#byModel.set(model, (this.#byModel.get(model) ?? 0) + 1);
        const fault = expected.fault(model, picture, scores);
        if (fault !== undefined) this.#fail(asker, fault);
      } catch (error) {
        this.#fail(asker, error instanceof Error ? error.message : String(error));
        await sleep(PAUSE_AFTER_FAILURE_MS);
      }
    }
  }

  #fail({ door }: Asker, text: string): void {
    this.#failed++;
    if (this.#failures.length < MOST_FAILURES) this.#failures.push({ door, at: this.now, text });
  }
}
