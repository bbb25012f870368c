import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Recipe, ScoringError } from '@edgeslot/scoring/model';
import { DEFAULT_LIMITS, Decoder, Preprocessor } from '@edgeslot/scoring/preprocess';
import sharp from 'sharp';
import { findPictures } from './find-pictures.js';
import { npyBytes } from './npy.js';
import { OutputNames } from './output-names.js';
import { seenPixels } from './seen-pixels.js';

export interface PreprocessOptions {
  readonly recipe: Recipe;
  /** Files and folders. */
  readonly paths: readonly string[];
  /** Made when absent; files of the same names are replaced, and removed where their picture is refused. */
  readonly out: string;
  readonly onWritten?: (picture: WrittenPicture) => void;
  readonly onRefused?: (picture: RefusedPicture) => void;
  readonly signal?: AbortSignal;
}

export interface WrittenPicture {
  readonly picture: string;
  /** Names below the folder. */
  readonly npy: string;
  readonly png: string;
}

export interface RefusedPicture {
  readonly picture: string;
  /** Of the error catalogue, or the operating system's. */
  readonly code: string;
  readonly message: string;
}

export interface Preprocessed {
  readonly written: readonly WrittenPicture[];
  readonly refused: readonly RefusedPicture[];
  /** Files of folders that are no pictures by their names. */
  readonly others: number;
  /** Of each tensor, as the network is fed. */
  readonly shape: readonly [number, number, number];
}

export const ERRORS_FILE = 'errors.json';

/**
 * Writes for each picture the tensor that a model is fed (`.npy`, float32) and what the model sees (`.png`), and all
 * refusals to `errors.json`. A picture becomes a tensor by the code that scoring uses.
 *
 * Throws when the folder cannot be written to, and the signal's reason when aborted.
 */
export async function preprocessPictures(options: PreprocessOptions): Promise<Preprocessed> {
  const { recipe, paths, out, onWritten, onRefused, signal } = options;
  const { pictures, others } = await findPictures(paths, out);
  await mkdir(out, { recursive: true });
  const names = new OutputNames(
    out,
    pictures.map(({ path }) => path),
  );
  const preprocessor = new Preprocessor(recipe, new Decoder());
  const tensor = new Float32Array(preprocessor.size);
  const { height, width } = recipe.resize;
  const shape = recipe.layout === 'NCHW' ? ([3, height, width] as const) : ([height, width, 3] as const);
  const written: WrittenPicture[] = [];
  const refused: RefusedPicture[] = [];
  for (const { path, name } of pictures) {
    signal?.throwIfAborted();
    const { npy, png } = names.next(name);
    const refusal = await fill(preprocessor, path, tensor);
    if (refusal) {
      // What an earlier run made would pass for this one's.
      for (const stale of [npy, png]) await rm(join(out, stale), { force: true });
      refused.push(refusal);
      onRefused?.(refusal);
      continue;
    }
    await mkdir(dirname(join(out, npy)), { recursive: true });
    await writeFile(join(out, npy), npyBytes(tensor, shape));
    const raw = { width, height, channels: 3 } as const;
    await sharp(seenPixels(tensor, recipe), { raw }).png().toFile(join(out, png));
    written.push({ picture: path, npy, png });
    onWritten?.(written.at(-1)!);
  }
  await writeFile(join(out, ERRORS_FILE), `${JSON.stringify(refused, null, 2)}\n`);
  return { written, refused, others, shape };
}

async function fill(to: Preprocessor, path: string, tensor: Float32Array): Promise<RefusedPicture | undefined> {
  try {
    await to.run(await readPicture(path), path, tensor);
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof ScoringError || error instanceof FileRefusal) return { picture: path, code: code!, message };
    throw error;
  }
}

class FileRefusal extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'the file does not exist',
  EISDIR: 'is a folder; expected a picture',
  EACCES: 'cannot be read: permission denied',
};

/** Never more than a picture may have, and never from what has no end. */
async function readPicture(path: string): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const found = await file.stat();
      if (!found.isFile()) throw new FileRefusal('NOT_A_FILE', `${path}: expected a picture, found no regular file`);
      if (found.size > DEFAULT_LIMITS.maxBytes) {
        const sizes = `size in bytes is ${found.size}, the limit is ${DEFAULT_LIMITS.maxBytes}`;
        throw new FileRefusal('IMAGE_TOO_LARGE', `${path}: picture is too large: ${sizes}`);
      }
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (error instanceof FileRefusal || code === undefined) throw error;
    throw new FileRefusal(code, `${path}: ${REASONS[code] ?? `cannot be read (${code})`}`);
  }
}
