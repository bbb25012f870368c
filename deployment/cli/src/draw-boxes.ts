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

/** Labels of many small boxes would hide the picture: this share of it they may cover, all together. */
const LABELS_SHARE = 1 / 4;

interface Plate {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The boxes over a picture, best on top. Each has its label as long as there is room, the best first: a label lies on no
 * other one, and all of them leave most of the picture to be seen.
 */
export function boxesSvg({ width, height, objects }: ShownPicture, labels = true): string {
  const line = Math.max(2, Math.round(Math.max(width, height) / 300));
  const size = Math.max(10, Math.round(Math.max(width, height) / 45));
  const plates: Plate[] = [];
  let room = width * height * LABELS_SHARE;
  const label = (object: ShownObject): string => {
    const text = labelText(object);
    const plate = plateOf(text, object, width, size);
    const area = plate.width * plate.height;
    if (plates.length > 0 && (area > room || plates.some((other) => overlap(plate, other)))) return '';
    plates.push(plate);
    room -= area;
    return labelSvg(text, plate, object, size);
  };
  const boxes = objects.map((object) => boxSvg(object, line)).reverse();
  // Over all boxes, so that none crosses a text out.
  const texts = labels ? objects.map(label).reverse() : [];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${[...boxes, ...texts].join('')}</svg>`;
}

function boxSvg({ classId, box: { left, top, width, height } }: ShownObject, line: number): string {
  const place = `x="${left}" y="${top}" width="${width}" height="${height}"`;
  return `<rect ${place} fill="none" stroke="${colourOf(classId)}" stroke-width="${line}"/>`;
}

function labelText({ label, confidence }: ShownObject): string {
  return `${label} ${(confidence * 100).toFixed(1)} %`;
}

/** Above the box, or in it where there is no room; about as wide as a plain font draws the text, but never wider than the picture. */
function plateOf(text: string, { box }: ShownObject, pictureWidth: number, size: number): Plate {
  const width = Math.min(wantedWidth(text, size) + size, pictureWidth);
  const height = size * 1.4;
  const left = Math.max(0, Math.min(box.left, pictureWidth - width));
  const top = box.top >= height ? box.top - height : box.top;
  return { left, top, width, height };
}

function wantedWidth(text: string, size: number): number {
  return text.length * size * 0.6;
}

function overlap(a: Plate, b: Plate): boolean {
  const beside = a.left + a.width <= b.left || b.left + b.width <= a.left;
  return !beside && a.top < b.top + b.height && b.top < a.top + a.height;
}

/** The text on its plate, squeezed where it does not fit. */
function labelSvg(text: string, plate: Plate, { classId }: ShownObject, size: number): string {
  const { left, top, width, height } = plate;
  const squeeze =
    width < wantedWidth(text, size) + size
      ? ` textLength="${Math.max(1, width - size)}" lengthAdjust="spacingAndGlyphs"`
      : '';
  return [
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="${colourOf(classId)}"/>`,
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
