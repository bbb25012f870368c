import type { LabelledPicture } from './picture-folder.js';

export interface HoldOut {
  readonly training: readonly LabelledPicture[];
  readonly heldOut: readonly LabelledPicture[];
}

/**
 * Sets a share of every class aside, at least one picture and never all. The seed and the pictures' contents decide
 * which, so names and dates of files do not matter.
 */
export function holdOut(pictures: readonly LabelledPicture[], share: number, seed: number): HoldOut {
  const training: LabelledPicture[] = [];
  const heldOut: LabelledPicture[] = [];
  for (const label of [...new Set(pictures.map((picture) => picture.label))].sort((a, b) => a - b)) {
    const own = pictures.filter((picture) => picture.label === label);
    const order = own.map((picture) => ({ picture, key: mix(picture.sha256, seed) }));
    order.sort((a, b) => a.key - b.key || (a.picture.sha256 < b.picture.sha256 ? -1 : 1));
    const aside = Math.min(own.length - 1, Math.max(1, Math.round(own.length * share)));
    for (const [index, { picture }] of order.entries()) (index < aside ? heldOut : training).push(picture);
  }
  return { training, heldOut };
}

/** FNV-1a over the digest and the seed, finished as MurmurHash3 is. */
function mix(sha256: string, seed: number): number {
  let hash = 0x811c9dc5;
  for (const character of `${seed}:${sha256}`) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
