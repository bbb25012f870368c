import { createHash } from 'node:crypto';

const PIECE = 1 << 18;

/**
 * `count` normal numbers of mean 0 and the given deviation, in pieces. They depend on seed and name only, not on what
 * was asked for before, and are the same on every machine (V8 computes logarithm and cosine in software).
 */
export function* normalWeights(seed: number, name: string, count: number, deviation: number): Generator<Float32Array> {
  const next = uniform(seed, name);
  for (let left = count; left > 0; left -= PIECE) {
    const piece = new Float32Array(Math.min(left, PIECE));
    for (let index = 0; index < piece.length; index += 2) {
      // Box-Muller; 1 - u is never 0.
      const radius = deviation * Math.sqrt(-2 * Math.log(1 - next()));
      const angle = 2 * Math.PI * next();
      piece[index] = radius * Math.cos(angle);
      if (index + 1 < piece.length) piece[index + 1] = radius * Math.sin(angle);
    }
    yield piece;
  }
}

/** `count` numbers spread evenly over `centre ± spread`. */
export function evenWeights(seed: number, name: string, count: number, centre: number, spread: number): Float32Array {
  const next = uniform(seed, name);
  return Float32Array.from({ length: count }, () => centre + (2 * next() - 1) * spread);
}

/** sfc32 (Doty-Humphrey's small fast counting generator), its state taken from a digest of seed and name. */
function uniform(seed: number, name: string): () => number {
  const state = createHash('sha256').update(`${seed}/${name}`).digest();
  let a = state.readInt32LE(0);
  let b = state.readInt32LE(4);
  let c = state.readInt32LE(8);
  let counter = 1;
  return () => {
    const word = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + word) | 0;
    return (word >>> 0) / 4_294_967_296;
  };
}
