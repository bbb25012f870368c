import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface LabelledPicture {
  readonly file: string;
  /** Number of its class, by the sorted names of the folders. */
  readonly label: number;
  readonly sha256: string;
}

export interface PictureFolder {
  readonly classes: readonly string[];
  /** By class, then by name. */
  readonly pictures: readonly LabelledPicture[];
  /** Copies of a picture that another file of its class already is. */
  readonly duplicates: number;
}

const PICTURE = /\.(jpe?g|png|gif)$/i;
/** Two of a class: one to train on, one to measure with. */
const LEAST_PER_CLASS = 2;
/** The closed-form solution works on a square matrix of this side. */
const MOST_PICTURES = 4000;

/**
 * The pictures of a folder that holds one folder per class. The same bytes count once, so that no held-out picture was
 * trained on.
 *
 * Throws RangeError when there are fewer than two classes, too few or too many pictures, or one picture in two classes.
 */
export async function readPictureFolder(directory: string): Promise<PictureFolder> {
  const classes = await foldersOf(directory);
  if (classes.length < 2) {
    throw new RangeError(`${directory}: expected a folder for each of two or more classes, found ${classes.length}`);
  }
  const files = await Promise.all(classes.map((name) => picturesOf(join(directory, name))));
  const count = files.reduce((sum, one) => sum + one.length, 0);
  if (count > MOST_PICTURES)
    throw new RangeError(`${directory}: expected at most ${MOST_PICTURES} pictures, found ${count}`);
  const seen = new Map<string, LabelledPicture>();
  for (const [label, name] of classes.entries()) {
    let own = 0;
    for (const file of files[label]!) {
      const sha256 = createHash('sha256')
        .update(await readFile(file))
        .digest('hex');
      const before = seen.get(sha256);
      if (before && before.label !== label) {
        throw new RangeError(`${file} and ${before.file} are one picture in two classes: leave it in one`);
      }
      if (before) continue;
      seen.set(sha256, { file, label, sha256 });
      own++;
    }
    if (own < LEAST_PER_CLASS) {
      const expected = `${LEAST_PER_CLASS} or more different pictures (JPEG, PNG or GIF)`;
      throw new RangeError(`${join(directory, name)}: expected ${expected}, found ${own}`);
    }
  }
  return { classes, pictures: [...seen.values()], duplicates: count - seen.size };
}

async function foldersOf(directory: string): Promise<string[]> {
  const names = [];
  const entries = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    throw new RangeError(`${directory}: expected a folder with a folder of pictures per class, ${whyUnread(error)}`);
  });
  for (const name of entries.sort()) {
    if (!name.startsWith('.') && (await stat(join(directory, name))).isDirectory()) names.push(name);
  }
  return names;
}

async function picturesOf(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => PICTURE.test(name) && !name.startsWith('.'));
  return names.sort().map((name) => join(directory, name));
}

function whyUnread({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'it does not exist';
  return code === 'ENOTDIR' ? 'found a file' : message;
}
