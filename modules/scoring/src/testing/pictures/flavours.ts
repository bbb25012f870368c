import jpegTurbo from '@julusian/jpeg-turbo';
import sharp, { type Sharp } from 'sharp';
import type { Random } from '../random.js';
import { randomScene, type Scene, scenePixels } from './scene.js';
import { type GifFrame, writeGif } from './write-gif.js';
import { type PngChunk, type PngColourType, type PngDepth, type PngOptions, writePng } from './write-png.js';

export interface Flavour {
  readonly name: string;
  /** Writes a picture of this size. */
  make(random: Random, width: number, height: number): Promise<Buffer> | Buffer;
}

const SAMPLINGS = {
  '4:4:4': jpegTurbo.SAMP_444,
  '4:2:2': jpegTurbo.SAMP_422,
  '4:2:0': jpegTurbo.SAMP_420,
  '4:4:0': jpegTurbo.SAMP_440,
};

/** JPEGs of libjpeg-turbo and of mozjpeg (through sharp), whose tables and scans differ. */
const JPEGS: readonly Flavour[] = [
  ...Object.entries(SAMPLINGS).map(([sampling, subsampling]) => ({
    name: `jpeg ${sampling}`,
    make(random: Random, width: number, height: number) {
      const pixels = scenePixels(randomScene(random, width, height), width, height);
      const quality = 20 + random.below(81);
      return jpegTurbo.compressSync(pixels, { format: jpegTurbo.FORMAT_RGB, width, height, subsampling, quality });
    },
  })),
  viaSharp('jpeg grey', (picture) => picture.toColourspace('b-w').jpeg({ quality: 85 })),
  viaSharp('jpeg progressive', (picture) => picture.jpeg({ progressive: true, quality: 80 })),
  viaSharp('jpeg progressive grey', (picture) => picture.toColourspace('b-w').jpeg({ progressive: true })),
  viaSharp('jpeg mozjpeg', (picture) => picture.jpeg({ mozjpeg: true, quality: 75 })),
  viaSharp('jpeg with orientation', (picture) => picture.withMetadata({ orientation: 6 }).jpeg()),
  viaSharp('jpeg with ICC profile', (picture) => picture.withIccProfile('p3').jpeg({ chromaSubsampling: '4:4:4' })),
  viaSharp('jpeg CMYK', (picture) => picture.toColourspace('cmyk').jpeg({ quality: 90, chromaSubsampling: '4:4:4' })),
  viaSharp('jpeg CMYK 4:2:0', (picture) => picture.toColourspace('cmyk').jpeg({ quality: 60 })),
];

const PNGS: readonly Flavour[] = [
  ...([1, 2, 4, 8, 16] as const).flatMap((depth) => pngs('grey', depth, 0)),
  ...([8, 16] as const).flatMap((depth) => [
    ...pngs('rgb', depth, 2),
    ...pngs('grey with alpha', depth, 4),
    ...pngs('rgb with alpha', depth, 6),
  ]),
  ...([1, 2, 4, 8] as const).flatMap((depth) => [
    ...pngs('palette', depth, 3, (random) => [['PLTE', palette(random, 1 << depth)]]),
    ...pngs('palette with transparency', depth, 3, (random) => [
      ['PLTE', palette(random, 1 << depth)],
      ['tRNS', bytes(random, 1 + random.below(1 << depth))],
    ]),
  ]),
  ...([1, 2, 4, 8, 16] as const).flatMap((depth) =>
    pngs('grey with a transparent colour', depth, 0, (random) => [['tRNS', colour(random, depth, 1)]]),
  ),
  ...([8, 16] as const).flatMap((depth) =>
    pngs('rgb with a transparent colour', depth, 2, (random) => [['tRNS', colour(random, depth, 3)]]),
  ),
  ...pngs('with gamma', 8, 2, () => [['gAMA', uint32(100_000)]]),
  ...pngs('with gamma', 16, 2, () => [['gAMA', uint32(22_222)]]),
  ...pngs('sRGB with background', 8, 6, (random) => [
    ['sRGB', Buffer.from([0])],
    ['bKGD', bytes(random, 6)],
  ]),
  ...pngs('with significant bits', 8, 2, () => [['sBIT', Buffer.from([5, 6, 5])]]),
  viaSharp('png with ICC profile', (picture) => picture.withIccProfile('p3').png()),
  viaSharp('png with orientation', (picture) => picture.withMetadata({ orientation: 8 }).png()),
];

const GIFS: readonly Flavour[] = [
  viaSharp('gif', (picture) => picture.gif()),
  gif('gif interlaced', (random, width, height) => [{ ...gifFrame(random, width, height), interlaced: true }]),
  gif('gif with transparency', (random, width, height) => [
    { ...gifFrame(random, width, height), transparent: random.below(16) },
  ]),
  gif('gif with its own palette', (random, width, height) => [
    { ...gifFrame(random, width, height), palette: colours(random, 16) },
  ]),
  gif('gif smaller than its screen', (random, width, height) => [
    { ...gifFrame(random, Math.ceil(width / 2), Math.ceil(height / 3)), left: width >> 2, top: height >> 2 },
  ]),
];

/** Pictures in every flavour that is taken. */
export const FLAVOURS: readonly Flavour[] = [...JPEGS, ...PNGS, ...GIFS];

/** Pictures that are refused. */
export const REFUSED_FLAVOURS: readonly Flavour[] = [
  viaSharp('webp', (picture) => picture.webp()),
  viaSharp('tiff', (picture) => picture.tiff()),
  gif('gif animated', (random, width, height) => [gifFrame(random, width, height), gifFrame(random, width, height)]),
  { name: 'bmp', make: (random, width, height) => writeBmp(randomScene(random, width, height), width, height) },
  { name: 'text', make: () => Buffer.from('hello, world') },
  { name: 'empty', make: () => Buffer.alloc(0) },
];

function viaSharp(name: string, write: (picture: Sharp) => Sharp): Flavour {
  return {
    name,
    make(random, width, height) {
      const pixels = scenePixels(randomScene(random, width, height), width, height);
      return write(sharp(pixels, { raw: { width, height, channels: 3 }, limitInputPixels: false })).toBuffer();
    },
  };
}

function pngs(
  what: string,
  depth: PngDepth,
  colourType: PngColourType,
  chunks?: (random: Random) => PngChunk[],
): Flavour[] {
  return [false, true].map((interlaced) => ({
    name: `png ${what}, ${depth} bits${interlaced ? ', interlaced' : ''}`,
    make(random, width, height) {
      const scene = randomScene(random, width, height);
      const sample: PngOptions['sample'] = (x, y, channel) => {
        const value = scene(x, y, channel % 3);
        return depth === 16 ? (value << 8) | (scene(y, x, channel % 3) ^ 0x5a) : value >> (8 - depth);
      };
      return writePng({ width, height, depth, colourType, interlaced, sample, chunks: chunks?.(random) ?? [] });
    },
  }));
}

function gif(name: string, frames: (random: Random, width: number, height: number) => GifFrame[]): Flavour {
  return {
    name,
    make: (random, width, height) =>
      writeGif({ width, height, palette: colours(random, 16), background: 3, frames: frames(random, width, height) }),
  };
}

function gifFrame(random: Random, width: number, height: number): GifFrame {
  const scene = randomScene(random, width, height);
  return { width, height, colour: (x, y) => scene(x, y, 0) >> 4 };
}

function writeBmp(scene: Scene, width: number, height: number): Buffer {
  const stride = (width * 3 + 3) & ~3;
  const file = Buffer.alloc(54 + stride * height);
  file.write('BM');
  for (const [at, value] of [
    [2, file.length],
    [10, 54],
    [14, 40],
    [18, width],
    [22, height],
  ] as const)
    file.writeUInt32LE(value, at);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) file[54 + y * stride + x * 3 + c] = scene(x, height - 1 - y, 2 - c);
  }
  return file;
}

function palette(random: Random, size: number): Buffer {
  return bytes(random, 3 * size);
}

function colours(random: Random, size: number): number[][] {
  return Array.from({ length: size }, () => [random.below(256), random.below(256), random.below(256)]);
}

function colour(random: Random, depth: PngDepth, channels: number): Buffer {
  const value = Buffer.alloc(channels * 2);
  for (let channel = 0; channel < channels; channel++) value.writeUInt16BE(random.below(2 ** depth), channel * 2);
  return value;
}

function bytes(random: Random, size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, () => random.below(256)));
}

function uint32(value: number): Buffer {
  const content = Buffer.alloc(4);
  content.writeUInt32BE(value);
  return content;
}
