import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';

export interface FoundPicture {
  /** As the caller may open it, and as it is called in messages. */
  readonly path: string;
  /** Its path below the folder that was named, or its own name. */
  readonly name: string;
}

export interface FoundPictures {
  readonly pictures: readonly FoundPicture[];
  /** Files of folders that are no pictures by their names. */
  readonly others: number;
}

/** By name; those that are not taken are found too, and refused by what they are. */
const PICTURE = /\.(jpe?g|jfif|png|gif|bmp|webp|tiff?|avif|heic)$/i;

/**
 * The pictures that arguments name: files as they are, folders with all below them that looks like a picture, by name.
 * Hidden files, links in folders and everything in `except` are left out.
 */
export async function findPictures(paths: readonly string[], except: string): Promise<FoundPictures> {
  const pictures: FoundPicture[] = [];
  let others = 0;
  for (const path of paths) {
    // What is not there is found out when it is read, and told with the others.
    const found = await stat(path).catch(() => undefined);
    if (!found?.isDirectory()) {
      pictures.push({ path, name: basename(path) });
      continue;
    }
    for (const name of await filesBelow(path, resolve(except))) {
      if (PICTURE.test(name)) pictures.push({ path: join(path, name), name });
      else others++;
    }
  }
  return { pictures, others };
}

async function filesBelow(folder: string, except: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !resolve(file).startsWith(except + sep))
    .map((file) => relative(folder, file))
    .filter((name) => !name.split(sep).some((part) => part.startsWith('.')))
    .sort();
}
