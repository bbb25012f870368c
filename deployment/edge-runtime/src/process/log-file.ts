import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

const MAX_PENDING = 1024 * 1024;

/** A module's log on disk: `name.log`, then `name.log.1` and so on. What a slow disk cannot take is dropped and counted in the log. */
export class LogFile {
  #pending = '';
  #dropped = 0;
  #size = 0;
  #handle: FileHandle | undefined;
  #writing: Promise<void> | undefined;

  constructor(
    private readonly file: string,
    private readonly limits: { readonly maxBytes: number; readonly maxFiles: number },
  ) {}

  append(line: string): void {
    if (this.#pending.length > MAX_PENDING) {
      this.#dropped++;
      return;
    }
    if (this.#dropped > 0) {
      this.#pending += `(${this.#dropped} lines were dropped here: the disk was too slow)\n`;
      this.#dropped = 0;
    }
    this.#pending += `${line}\n`;
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = undefined;
    });
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #drain(): Promise<void> {
    // Lines of one turn of the event loop are written together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#pending !== '') {
      const text = this.#pending;
      this.#pending = '';
      try {
        const bytes = Buffer.from(text);
        const handle = await this.#openFor(bytes.length);
        await handle.write(bytes);
        this.#size += bytes.length;
      } catch {
        // A full disk must not take the runtime down; the lines went to the event stream all the same.
        this.#dropped++;
      }
    }
  }

  async #openFor(length: number): Promise<FileHandle> {
    if (this.#handle !== undefined && this.#size > 0 && this.#size + length > this.limits.maxBytes) {
      await this.#handle.close();
      this.#handle = undefined;
      const { maxFiles } = this.limits;
      if (maxFiles === 1) await rm(this.file, { force: true });
      for (let index = maxFiles - 1; index >= 1; index--) {
        await rename(index === 1 ? this.file : `${this.file}.${index - 1}`, `${this.file}.${index}`).catch(() => {});
      }
    }
    if (this.#handle === undefined) {
      await mkdir(path.dirname(this.file), { recursive: true });
      this.#handle = await open(this.file, 'a', 0o600);
      this.#size = (await this.#handle.stat()).size;
    }
    return this.#handle;
  }
}
