import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import jpegTurbo from '@julusian/jpeg-turbo';
import fc from 'fast-check';
import sharp from 'sharp';
import { ScoringError } from '../errors.js';
import { Decoder } from './decode.js';
import { DEFAULT_LIMITS } from './limits.js';
import { sniff } from './sniff.js';

const decoder = new Decoder();
const raw = Buffer.from(Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * 7 + (i >> 6) * 13) & 255));
const source = () => sharp(raw, { raw: { width: 40, height: 30, channels: 3 } });
const refused = (code: string, message: RegExp) => (error: unknown) =>
  error instanceof ScoringError &&
  error.code === code &&
  error.status === 'INVALID_ARGUMENT' &&
  message.test(error.message);

test('ordinary JPEGs are decoded by libjpeg-turbo, whatever their sampling and coding', async () => {
  const files = {
    baseline: await source().jpeg({ quality: 90 }).toBuffer(),
    progressive: await source().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).toBuffer(),
    grey: await source().greyscale().jpeg().toBuffer(),
    rotated: await source().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
  };
  for (const [what, file] of Object.entries(files)) {
    const { width, height, rgb } = await decoder.decode(file, what);
    assert.deepEqual([width, height], [40, 30], what);
    const expected = jpegTurbo.decompressSync(file, { format: jpegTurbo.FORMAT_RGB });
    assert.ok(expected.data.equals(rgb.subarray(0, 40 * 30 * 3)), what);
  }
});

test('bytes after the end of a JPEG are accepted, missing ones are not, not even the last marker', async () => {
  const file = await source().jpeg().toBuffer();
  await decoder.decode(Buffer.concat([file, Buffer.from('trailing')]), 'x');
  for (const size of [file.length - 2, file.length - 20, file.length >> 1, 30, 4, 3]) {
    await assert.rejects(
      decoder.decode(file.subarray(0, size), 'images[0]'),
      refused('IMAGE_CORRUPT', new RegExp(`^images\\[0\\]: Invalid JPEG data or crop window, data size ${size}: `)),
    );
  }
});

test('PNGs lose alpha without blending, grey becomes three equal channels', async () => {
  const rgba = Buffer.from([10, 20, 30, 0, 40, 50, 60, 128]);
  const png = await sharp(rgba, { raw: { width: 2, height: 1, channels: 4 } })
    .png()
    .toBuffer();
  assert.deepEqual([...(await decoder.decode(png, 'x')).rgb], [10, 20, 30, 40, 50, 60]);
  const grey = makePng({ width: 2, height: 1, depth: 8, colourType: 0, row: [7, 200] });
  assert.deepEqual([...(await decoder.decode(grey, 'x')).rgb], [7, 7, 7, 200, 200, 200]);
  const greyAlpha = makePng({ width: 2, height: 1, depth: 8, colourType: 4, row: [7, 0, 200, 9] });
  assert.deepEqual([...(await decoder.decode(greyAlpha, 'x')).rgb], [7, 7, 7, 200, 200, 200]);
});

test('of 16-bit PNGs the high byte counts', async () => {
  const rgb = makePng({ width: 1, height: 1, depth: 16, colourType: 2, row: [0x12, 0xff, 0x80, 0x00, 0xfe, 0x7f] });
  assert.deepEqual([...(await decoder.decode(rgb, 'x')).rgb], [0x12, 0x80, 0xfe]);
  const grey = makePng({ width: 1, height: 1, depth: 16, colourType: 0, row: [0x9a, 0xcd] });
  assert.deepEqual([...(await decoder.decode(grey, 'x')).rgb], [0x9a, 0x9a, 0x9a]);
});

test('a gAMA chunk changes nothing', async () => {
  const row = [100, 150, 200];
  const gamma = Buffer.alloc(4);
  gamma.writeUInt32BE(100_000);
  const png = makePng({ width: 1, height: 1, depth: 8, colourType: 2, row }, [['gAMA', gamma]]);
  assert.deepEqual([...(await decoder.decode(png, 'x')).rgb], row);
});

test('a static GIF is taken, an animated one is refused', async () => {
  const gif = await source().gif().toBuffer();
  const { width, height, rgb } = await decoder.decode(gif, 'x');
  assert.deepEqual([width, height, rgb.length], [40, 30, 40 * 30 * 3]);
  const frames = sharp(raw, { raw: { width: 40, height: 30, channels: 3, pageHeight: 15 } });
  const animated = await frames.gif({ delay: [100, 100] }).toBuffer();
  await assert.rejects(decoder.decode(animated, 'x'), refused('IMAGE_FORMAT', /Found an animated GIF/));
});

test('a CMYK JPEG becomes C × K / 255 of the stored values', async () => {
  const file = await source().toColourspace('cmyk').jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer();
  assert.equal(sniff(file, 'x').components, 4);
  const { data } = await sharp(file)
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { rgb } = await decoder.decode(file, 'x');
  assert.equal(rgb.length, 40 * 30 * 3);
  for (let i = 0; i < 40 * 30; i++) {
    const key = 255 - data[i * 4 + 3]!;
    for (let c = 0; c < 3; c++) assert.equal(rgb[i * 3 + c], Math.trunc(((255 - data[i * 4 + c]!) * key) / 255));
  }
});

test('what is no picture is refused by its first bytes, with the catalogue texts', async () => {
  const empty = /^images\[3\]: Input is empty/;
  await assert.rejects(decoder.decode(new Uint8Array(), 'images[3]'), refused('IMAGE_EMPTY', empty));
  const cases: [Buffer, RegExp][] = [
    [Buffer.from('hello, world'), /Unknown image file format.*Found data starting with 68 65 6c 6c/],
    [Buffer.from([0x42, 0x4d, 0, 0, 0, 0, 0, 0, 0, 0]), /Found a BMP picture/],
    [await source().tiff().toBuffer(), /Found a TIFF picture/],
    [await source().webp().toBuffer(), /Found a WebP picture/],
    [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), /Found an SVG/],
    [Buffer.from([0xff]), /Found data starting with ff/],
  ];
  for (const [bytes, message] of cases)
    await assert.rejects(decoder.decode(bytes, 'x'), refused('IMAGE_FORMAT', message));
});

test('giants are refused from their headers', async () => {
  const jpeg = await source().jpeg().toBuffer();
  const sof = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  jpeg.writeUInt16BE(10_000, sof + 5);
  jpeg.writeUInt16BE(10_000, sof + 7);
  const tooLarge = /number of pixels is 100000000 \(10000x10000\), the limit is 50000000/;
  await assert.rejects(decoder.decode(jpeg, 'x'), refused('IMAGE_TOO_LARGE', tooLarge));
  const png = makePng({ width: 10_000, height: 10_000, depth: 8, colourType: 2, row: [] });
  await assert.rejects(decoder.decode(png, 'x'), refused('IMAGE_TOO_LARGE', tooLarge));
  const wide = makePng({ width: 70_000, height: 1, depth: 8, colourType: 2, row: [] });
  await assert.rejects(
    decoder.decode(wide, 'x'),
    refused('IMAGE_TOO_LARGE', /longest side is 70000, the limit is 65535/),
  );
  const small = { ...DEFAULT_LIMITS, maxBytes: 100 };
  assert.throws(() => sniff(jpeg, 'x', small), refused('IMAGE_TOO_LARGE', /size in bytes is \d+, the limit is 100/));
});

test('spoiled pictures are decoded or refused as the caller’s fault, never anything else', async () => {
  const files = [
    await source().jpeg().toBuffer(),
    await source().jpeg({ progressive: true }).toBuffer(),
    await source().png().toBuffer(),
    await source().gif().toBuffer(),
  ];
  const spoiled = fc.tuple(
    fc.constantFrom(...files),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
    fc.double({ min: 0.1, max: 1, noNaN: true }),
  );
  await fc.assert(
    fc.asyncProperty(spoiled, async ([file, changes, keep]) => {
      const bytes = new Uint8Array(file.subarray(0, Math.ceil(file.length * keep)));
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      try {
        const { width, height, rgb } = await decoder.decode(bytes, 'x');
        assert.ok(rgb.length >= width * height * 3);
      } catch (error) {
        assert.ok(error instanceof ScoringError && error.status === 'INVALID_ARGUMENT', String(error));
      }
    }),
    { numRuns: 400 },
  );
});

interface TestPng {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colourType: number;
  /** Bytes of one row, repeated for every row. */
  readonly row: readonly number[];
}

function makePng({ width, height, depth, colourType, row }: TestPng, more: [string, Buffer][] = []): Buffer {
  const ihdr = Buffer.alloc(13);
  ihdr.writeUInt32BE(width, 0);
  ihdr.writeUInt32BE(height, 4);
  ihdr.set([depth, colourType], 8);
  const data = deflateSync(Buffer.from([0, ...row]));
  const chunks: [string, Buffer][] = [['IHDR', ihdr], ...more, ['IDAT', data], ['IEND', Buffer.alloc(0)]];
  const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    magic,
    ...chunks.map(([type, content]) => {
      const body = Buffer.concat([Buffer.from(type), content]);
      const chunk = Buffer.alloc(8 + body.length);
      chunk.writeUInt32BE(content.length, 0);
      chunk.set(body, 4);
      chunk.writeUInt32BE(crc32(body), 4 + body.length);
      return chunk;
    }),
  ]);
}
