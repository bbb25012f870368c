import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../storage/write-file-atomic.js';

/** Changes that come within this time go to disk as one write. */
const COALESCE_MS = 50;
const RETRY_MS = 1000;

/** Writes changed twins to their files, one after the other, coalesced; a failed write is tried again. */
export class TwinFiles {
  readonly #dirty = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(
    private readonly dir: string,
    private readonly log: (line: string) => void,
    /** What to store for a module, or nothing when its file must go. */
    private readonly contentOf: (moduleId: string) => unknown,
  ) {}

  touch(moduleId: string): void {
    this.#dirty.add(moduleId);
    this.#schedule(COALESCE_MS);
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#running;
    await this.#write();
  }

  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== undefined || this.#running !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#write();
    }, delayMs);
  }

  async #write(): Promise<void> {
    this.#running ??= this.#writeAll().finally(() => {
      this.#running = undefined;
      if (this.#dirty.size > 0) this.#schedule(RETRY_MS);
    });
    await this.#running;
  }

  async #writeAll(): Promise<void> {
    const failed = new Set<string>();
    for (;;) {
      const moduleId = [...this.#dirty].find((id) => !failed.has(id));
      if (moduleId === undefined) return;
      this.#dirty.delete(moduleId);
      const path = join(this.dir, `${encodeURIComponent(moduleId)}.json`);
      const content = this.contentOf(moduleId);
      try {
        if (content === undefined) await rm(path, { force: true });
        else await writeFileAtomic(path, `${JSON.stringify(content)}\n`);
      } catch (error) {
        this.#dirty.add(moduleId);
        failed.add(moduleId);
        this.log(`twin of ${moduleId} is not on disk yet, trying again: ${(error as Error).message}`);
      }
    }
  }
}
