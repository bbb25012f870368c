import sharp from 'sharp';
import { beltDefinitions, drawBelt, drawLight } from './draw-belt.js';
import { drawObject, objectDefinitions } from './draw-object.js';
import { mix32, seededRandom } from './random.js';
import { FRAME_HEIGHT, FRAME_WIDTH, type SceneFrame, sceneFrame } from './scene-frame.js';

const JPEG_QUALITY = 88;
const NOISE_LENGTH = 1 << 16;

/** The frame of a seed as the camera would send it: a 640 × 480 colour JPEG. */
export async function renderFrame(seed: number): Promise<Buffer> {
  const frame = sceneFrame(seed);
  const { data, info } = await sharp(Buffer.from(drawFrame(frame)))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  expose(data, frame);
  return sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } })
    .jpeg({ quality: JPEG_QUALITY })
    .toBuffer();
}

/** The frame as an SVG drawing, before exposure and noise. */
export function drawFrame(frame: SceneFrame): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${FRAME_WIDTH}" height="${FRAME_HEIGHT}" viewBox="0 0 ${FRAME_WIDTH} ${FRAME_HEIGHT}">
<defs>${beltDefinitions(frame)}${objectDefinitions(frame)}</defs>
${drawBelt(frame)}
${drawObject(frame)}
${drawLight()}
</svg>`;
}

let noiseTable: Float32Array | undefined;

/** Roughly normal numbers of standard deviation 1 (sums of four even ones), drawn once: a table is 20 times as fast. */
function noise(): Float32Array {
  if (noiseTable) return noiseTable;
  const random = seededRandom(0x6e01);
  const spread = Math.sqrt(3);
  noiseTable = Float32Array.from(
    { length: NOISE_LENGTH },
    () => (random() + random() + random() + random() - 2) * spread,
  );
  return noiseTable;
}

/** Brightness and sensor noise, in place. */
function expose(pixels: Uint8Array, frame: SceneFrame): void {
  const table = noise();
  const clamped = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.length);
  const rowLength = FRAME_WIDTH * 3;
  for (let row = 0; row < FRAME_HEIGHT; row++) {
    // Every row begins elsewhere in the table, so the table's end is never seen as a pattern.
    const offset = mix32(frame.seed ^ Math.imul(row + 1, 0x9e3779b1)) % (NOISE_LENGTH - rowLength);
    const start = row * rowLength;
    for (let index = 0; index < rowLength; index++) {
      clamped[start + index] = clamped[start + index]! * frame.brightness + table[offset + index]! * frame.noise;
    }
  }
}
