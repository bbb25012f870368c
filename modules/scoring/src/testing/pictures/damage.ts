import type { Random } from '../random.js';

/** Spoils a file at random: bytes flipped, the end or a piece cut away, pieces doubled or taken from another file. */
export function damage(file: Buffer, other: Buffer, random: Random): Buffer {
  switch (random.below(6)) {
    case 0:
      return file.subarray(0, random.below(file.length));
    case 1: {
      const from = random.below(file.length);
      return Buffer.concat([file.subarray(0, from), file.subarray(from + 1 + random.below(64))]);
    }
    case 2: {
      const [from, into] = [random.below(other.length), random.below(file.length)];
      return Buffer.concat([
        file.subarray(0, into),
        other.subarray(from, from + 1 + random.below(256)),
        file.subarray(into),
      ]);
    }
    case 3: {
      const at = random.below(Math.min(file.length, other.length));
      return Buffer.concat([file.subarray(0, at), other.subarray(at)]);
    }
    case 4:
      return Buffer.concat([file, other.subarray(0, random.below(other.length))]);
    default:
      return flip(file, random);
  }
}

/** Changes a few bytes; every other time near the start, where the headers are. */
function flip(file: Buffer, random: Random): Buffer {
  const spoilt = Buffer.from(file);
  const reach = random.below(2) ? spoilt.length : Math.min(spoilt.length, 64);
  for (let changes = 1 + random.below(8); changes > 0; changes--) {
    spoilt[random.below(reach)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
  }
  return spoilt;
}
