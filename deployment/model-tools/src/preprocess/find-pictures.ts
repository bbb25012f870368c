import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';

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

interface Found {
  readonly name: string;
  readonly folder: boolean;
}

type ListFolder = (folder: string) => Promise<Dirent[]>;

/** By name; those that are not taken are found too, and refused by what they are. */
const PICTURE = /\.(jpe?g|jfif|png|gif|bmp|webp|tiff?|avif|heic)$/i;

/**
 * The pictures that arguments name: files as they are, folders with all below them that looks like a picture, by name.
 * Hidden files, links in folders and everything in `except` are left out.
 */
export async function findPictures(
  paths: readonly string[],
  except: string,
  list: ListFolder = (folder) => readdir(folder, { withFileTypes: true }),
): Promise<FoundPictures> {
  const pictures: FoundPicture[] = [];
  let others = 0;
  for (const path of paths) {
    // What is not there is found out when it is read, and told with the others.
    const found = await stat(path).catch(() => undefined);
    if (!found?.isDirectory()) {
      pictures.push({ path, name: basename(path) });
      continue;
    }
    for (const { name, folder } of (await entriesBelow(path, list)).sort(byName)) {
      const file = join(path, name);
      if (resolve(file).startsWith(resolve(except) + sep)) continue;
      // A folder that cannot be listed is refused as a picture that cannot be read.
      if (folder || PICTURE.test(name)) pictures.push({ path: file, name });
      else others++;
    }
  }
  return { pictures, others };
}

/** Paths below the folder, those of folders that cannot be listed among them. */
async function entriesBelow(folder: string, list: ListFolder, below = ''): Promise<Found[]> {
  const entries = await list(join(folder, below)).catch(() => undefined);
  if (!entries) return [{ name: below, folder: true }];
  const found: Found[] = [];
  for (const entry of entries) {
    const name = join(below, entry.name);
    if (entry.name.startsWith('.')) continue;
    if (entry.isFile()) found.push({ name, folder: false });
    else if (entry.isDirectory()) found.push(...(await entriesBelow(folder, list, name)));
  }
  return found;
}

function byName(a: Found, b: Found): number {
  return a.name < b.name ? -1 : 1;
}
