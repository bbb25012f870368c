import { join, resolve } from 'node:path';

const ENDINGS = ['.npy', '.png'] as const;
/** File systems take 255 bytes a name; a number and an ending are added. */
const LONGEST = 230;

/** Names of what is written for each picture: no two alike, in any case of letters, and none that is a picture given. */
export class OutputNames {
  readonly #taken: Set<string>;

  constructor(
    private readonly folder: string,
    pictures: readonly string[],
  ) {
    this.#taken = new Set(pictures.map((path) => keyOf(resolve(path))));
  }

  /** The paths below the folder, of the tensor and of the picture. */
  next(name: string): { readonly npy: string; readonly png: string } {
    const stem = shorten(name);
    for (let number = 1; ; number++) {
      const [npy, png] = ENDINGS.map((ending) => `${stem}${number === 1 ? '' : `-${number}`}${ending}`) as [
        string,
        string,
      ];
      const keys = [npy, png].map((file) => keyOf(resolve(join(this.folder, file))));
      if (keys.some((key) => this.#taken.has(key))) continue;
      for (const key of keys) this.#taken.add(key);
      return { npy, png };
    }
  }
}

/** Some file systems know neither the case of letters nor how accents are composed. */
function keyOf(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

function shorten(name: string): string {
  const characters = [...name];
  const start = name.length - (name.split(/[\\/]/).at(-1) ?? '').length;
  while (Buffer.byteLength(characters.join('').slice(start)) > LONGEST) characters.pop();
  return characters.join('');
}
