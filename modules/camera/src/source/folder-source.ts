import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { FrameSource, Picture } from './frame-source.js';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
};

/** No camera sends more, and no server should be sent more. */
const MAX_BYTES = 32 * 1024 * 1024;

/** The pictures of a folder in the order of their names, over and over; the folder is read again at each round. */
export class FolderSource implements FrameSource {
  #names: readonly string[] = [];
  #next = 0;
  #reading: Promise<void> | undefined;

  constructor(private readonly path: string) {}

  async take(): Promise<Picture> {
    if (this.#next >= this.#names.length) {
      this.#reading ??= this.#read().finally(() => {
        this.#reading = undefined;
      });
      await this.#reading;
    }
    const name = this.#names[this.#next++ % this.#names.length]!;
    const path = join(this.path, name);
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw new Error(`${path} has ${size} bytes; expected at most ${MAX_BYTES}`);
    return { bytes: await readFile(path), contentType: CONTENT_TYPES[extname(name).toLowerCase()]! };
  }

  seedOf(): undefined {
    return undefined;
  }

  async #read(): Promise<void> {
    const names = await readdir(this.path).catch((error: NodeJS.ErrnoException) => {
      throw new Error(`folder ${this.path} cannot be read: ${error.code ?? error.message}`, { cause: error });
    });
    const pictures = names.filter((name) => extname(name).toLowerCase() in CONTENT_TYPES).sort();
    if (pictures.length === 0)
      throw new Error(`folder ${this.path} holds no picture; expected files that end in .jpg, .jpeg or .png`);
    this.#names = pictures;
    this.#next = 0;
  }
}
