import { type FileHandle, open, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, sep } from 'node:path';
import type { ExternalData, Range } from '@edgeslot/scoring/graph';

/** The file of an ONNX model and those beside it that hold its weights, which are opened when they are needed. */
export class ModelFiles {
  readonly #folder: string;
  readonly #beside = new Map<string, FileHandle>();

  private constructor(
    readonly main: FileHandle,
    folder: string,
  ) {
    this.#folder = folder;
  }

  static async open(path: string): Promise<ModelFiles> {
    return new ModelFiles(await open(path), dirname(path));
  }

  /**
   * The file and the bytes of a weight. Throws Error when it does not lie beside the model (ONNX allows no path that
   * leads out, and no link) or is not whole.
   */
  async find({ location, offset, length }: ExternalData): Promise<{ file: FileHandle; range: Range }> {
    const file = this.#beside.get(location) ?? (await this.#open(location));
    this.#beside.set(location, file);
    const { size } = await file.stat();
    const end = length === undefined ? size : offset + length;
    if (offset <= end && end <= size) return { file, range: { start: offset, end } };
    throw new Error(`its weights in ${location} end at byte ${end}, after the file's ${size}; copy that file again`);
  }

  async close(): Promise<void> {
    for (const file of [this.main, ...this.#beside.values()]) await file.close();
  }

  async #open(location: string): Promise<FileHandle> {
    const path = isAbsolute(location) ? location : join(this.#folder, location);
    const real = await realpath(path).catch(() => undefined);
    if (real === undefined) throw new Error(`its weights lie in ${path}, which is missing; copy both files together`);
    if (!real.startsWith((await realpath(this.#folder)) + sep)) {
      throw new Error(`its weights lie in ${location}, which leaves its folder; expected a file beside the model`);
    }
    return open(real);
  }
}
