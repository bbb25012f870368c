import { writeFile } from 'node:fs/promises';
import type { ShownObject, ShownPicture } from './detections.js';

/** Told apart by people who do not tell red from green (Okabe and Ito 2008), without the black. */
const COLOURS = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7'];

/** Formats that a drawing may be written in, by the end of the file's name. */
export const DRAWING = /\.(png|jpe?g|webp)$/i;

/**
 * Writes the picture with its boxes and labels, as the model saw it: decoded as scoring does it, so that spoilt pixels are
 * no hindrance, and a note of the camera on how to turn the picture is not followed.
 * @returns whether the boxes have labels: a host without fonts, as most containers are, draws the boxes alone
 */
export async function drawBoxes(bytes: Uint8Array, picture: ShownPicture, file: string): Promise<boolean> {
  const { default: sharp } = await import('sharp');
  const { Decoder, NO_LIMITS } = await import('@edgeslot/scoring/preprocess');
  const { width, height, rgb } = await new Decoder({ limits: NO_LIMITS }).decode(bytes, 'the picture');
  const labels = await hasFonts();
  const raw = { width, height, channels: 3 } as const;
  const drawn = await sharp(rgb.subarray(0, width * height * 3), { raw, limitInputPixels: false })
    .composite([{ input: Buffer.from(boxesSvg(picture, labels)), left: 0, top: 0 }])
    .toFormat(formatOf(file))
    .toBuffer();
  await writeFile(file, drawn);
  return labels;
}

/** Without a font every letter is the same empty frame. */
async function hasFonts(): Promise<boolean> {
  const { default: sharp } = await import('sharp');
  const letter = (text: string) =>
    sharp(
      Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><text x="2" y="20" font-family="sans-serif" font-size="16">${text}</text></svg>`,
      ),
    )
      .raw()
      .toBuffer();
  const [i, w] = await Promise.all([letter('i'), letter('w')]);
  return !i.equals(w);
}

function formatOf(file: string): 'png' | 'jpeg' | 'webp' {
  const ending = DRAWING.exec(file)?.[1]?.toLowerCase();
  return ending === 'png' || ending === 'webp' ? ending : 'jpeg';
}

/** The boxes over a picture, best on top. */
export function boxesSvg({ width, height, objects }: ShownPicture, labels = true): string {
  const line = Math.max(2, Math.round(Math.max(width, height) / 300));
  const size = Math.max(10, Math.round(Math.max(width, height) / 45));
  const boxes = objects.map((object) => boxSvg(object, line) + (labels ? labelSvg(object, width, size) : '')).reverse();
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${boxes.join('')}</svg>`;
}

function boxSvg({ classId, box: { left, top, width, height } }: ShownObject, line: number): string {
  const place = `x="${left}" y="${top}" width="${width}" height="${height}"`;
  return `<rect ${place} fill="none" stroke="${colourOf(classId)}" stroke-width="${line}"/>`;
}

/** On a plate above the box, or in it where there is no room. */
function labelSvg({ label, classId, confidence, box }: ShownObject, pictureWidth: number, size: number): string {
  const text = `${label} ${(confidence * 100).toFixed(1)} %`;
  // About as wide as a plain font draws it; what does not fit into the picture is squeezed.
  const wanted = text.length * size * 0.6;
  const plate = Math.min(wanted + size, pictureWidth);
  const squeeze =
    plate < wanted + size ? ` textLength="${Math.max(1, plate - size)}" lengthAdjust="spacingAndGlyphs"` : '';
  const height = size * 1.4;
  const left = Math.max(0, Math.min(box.left, pictureWidth - plate));
  const top = box.top >= height ? box.top - height : box.top;
  return [
    `<rect x="${left}" y="${top}" width="${plate}" height="${height}" fill="${colourOf(classId)}"/>`,
    `<text x="${left + size / 2}" y="${top + size * 1.05}" font-family="sans-serif" font-size="${size}"${squeeze}>`,
    `${escapeXml(text)}</text>`,
  ].join('');
}

function colourOf(classId: number): string {
  return COLOURS[classId % COLOURS.length]!;
}

/** Text of a label file as text of an SVG; what XML does not allow at all becomes a blank. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, ' ')
    .replace(/[<>&"']/g, (character) => `&#${character.codePointAt(0)};`);
}
