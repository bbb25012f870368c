import sharp from 'sharp';

/** A made-up picture as a camera would send it: slopes of light, a few objects with edges, a texture; no noise. */
export function makeJpeg(width: number, height: number, quality: number): Promise<Buffer> {
  const rgb = Buffer.allocUnsafe(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [right, down] = [x / width, y / height];
      const texture = 14 * Math.sin(x * 0.61) * Math.sin(y * 0.47) + 6 * Math.sin((x + 2 * y) * 1.3);
      const object = Math.hypot(right - 0.4, down - 0.5) < 0.2 || (right > 0.7 && down > 0.3 && down < 0.8) ? 70 : 0;
      rgb[at++] = clamp(60 + 120 * right + texture + object);
      rgb[at++] = clamp(80 + 90 * down + texture);
      rgb[at++] = clamp(150 - 80 * right * down + texture - object);
    }
  }
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality, chromaSubsampling: '4:2:0' })
    .toBuffer();
}

/** The picture whose file comes nearest to `bytes`, by quality. */
export async function makeJpegOfBytes(width: number, height: number, bytes: number): Promise<Buffer> {
  let [low, high] = [1, 100];
  while (low < high) {
    const quality = (low + high + 1) >> 1;
    if ((await makeJpeg(width, height, quality)).byteLength <= bytes) low = quality;
    else high = quality - 1;
  }
  return makeJpeg(width, height, low);
}

function clamp(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}
