import type { Random } from '../random.js';

/** Red, green and blue (0 to 255) of a made-up picture: slopes, a disc with a sharp edge, and some noise. */
export type Scene = (x: number, y: number, channel: number) => number;

export function randomScene(random: Random, width: number, height: number): Scene {
  const slopes = Array.from({ length: 3 }, () => [random.below(512) - 256, random.below(512) - 256, random.below(256)]);
  const disc = {
    x: random.below(width),
    y: random.below(height),
    radius: 1 + random.below(Math.max(width, height)) / 2,
  };
  const noise = random.pick([0, 3, 40]);
  const salt = random.below(2 ** 31);
  return (x, y, channel) => {
    const [right, down, start] = slopes[channel]!;
    const inside = (x - disc.x) ** 2 + (y - disc.y) ** 2 < disc.radius ** 2;
    const grain =
      ((Math.imul(x * 73856093 + channel * 19349663 + salt, y * 83492791 + 1) >>> 16) % (2 * noise + 1)) - noise;
    const value = start! + (right! * x) / width + (down! * y) / height + (inside ? 90 : 0) + grain;
    return Math.max(0, Math.min(255, Math.round(value)));
  };
}

export function scenePixels(scene: Scene, width: number, height: number, channels = 3): Buffer {
  const pixels = Buffer.allocUnsafe(width * height * channels);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < channels; channel++) pixels[at++] = scene(x, y, channel % 3);
    }
  }
  return pixels;
}
