import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import type { ShownObject } from './detections.js';
import { boxesSvg, drawBoxes } from './draw-boxes.js';

const object = (label: string, left: number, top: number, width: number, height: number, classId = 1): ShownObject => ({
  label,
  classId,
  confidence: 0.9,
  box: { left, top, width, height },
});

describe('drawn boxes', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeslot-draw-'));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  it('lie where they are, on the picture as it was, in the format of the name', async () => {
    const grey = { r: 100, g: 100, b: 100 };
    // Orientation 6 asks a viewer to turn the picture; the model saw it as it is stored.
    const photo = await sharp({ create: { width: 300, height: 200, channels: 3, background: grey } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    for (const [ending, format] of Object.entries({ png: 'png', jpg: 'jpeg', JPEG: 'jpeg', webp: 'webp' })) {
      const file = join(dir, `out.${ending}`);
      await drawBoxes(photo, { width: 300, height: 200, objects: [object('x', 150, 90, 100, 60)] }, file);
      assert.equal((await sharp(file).metadata()).format, format);
    }
    const file = join(dir, 'out.png');
    const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
    assert.deepEqual([info.width, info.height], [300, 200]);
    const at = (x: number, y: number) => [
      ...data.subarray((y * 300 + x) * info.channels, (y * 300 + x) * info.channels + 3),
    ];
    for (const [x, y] of [
      [150, 120],
      [250, 120],
      [200, 150],
    ] as const) {
      assert.deepEqual(at(x, y), [0x56, 0xb4, 0xe9], `edge at ${x},${y}`);
    }
    for (const [x, y] of [
      [200, 120],
      [20, 20],
      [270, 180],
    ] as const) {
      assert.ok(
        at(x, y).every((value) => Math.abs(value - 100) <= 2),
        `unchanged at ${x},${y}`,
      );
    }
  });

  it('are drawn on whatever is scored, be its data spoilt', async () => {
    const photo = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#646464' } })
      .jpeg()
      .toBuffer();
    // Bytes that belong to no segment: a decoder warns and goes on.
    const spoilt = Buffer.concat([photo.subarray(0, 20), Buffer.from([1, 2, 3]), photo.subarray(20)]);
    const file = join(dir, 'spoilt.png');
    await drawBoxes(spoilt, { width: 64, height: 48, objects: [object('x', 8, 8, 40, 30)] }, file);
    const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    assert.deepEqual([info.width, info.height], [64, 48]);
    const at = (x: number, y: number) => [...data.subarray((y * 64 + x) * 3, (y * 64 + x) * 3 + 3)];
    assert.deepEqual(at(8, 20), [0x56, 0xb4, 0xe9]);
    assert.ok(at(60, 44).every((value) => Math.abs(value - 100) <= 2));
  });

  it('any label is text and nothing else', async () => {
    const nasty = '</text><image href="file:///etc/passwd"/>&amp;"\'\u0000\u001b[31m\ud800 名';
    const picture = { width: 300, height: 200, objects: [object(nasty, 0, 0, 300, 200)] };
    const svg = boxesSvg(picture);
    assert.equal(svg.match(/<(\w+)/g)!.join(' '), '<svg <rect <rect <text');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML does not allow them
    assert.doesNotMatch(svg, /[\u0000-\u0008\u000b\u000e-\u001f\ud800]/);
    const photo = await sharp({ create: { width: 300, height: 200, channels: 3, background: '#000' } })
      .png()
      .toBuffer();
    await drawBoxes(photo, picture, join(dir, 'nasty.png'));
    assert.doesNotMatch(boxesSvg(picture, false), /<text/);
  });

  it('a label never leaves the picture at its sides, the best is on top', () => {
    const svg = boxesSvg({
      width: 100,
      height: 200,
      objects: [object('best', 90, 5, 10, 10), object('x'.repeat(200), 0, 50, 9, 9, 2)],
    });
    const plates = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" fill="#/g)];
    assert.equal(plates.length, 2);
    for (const [, left, , width] of plates) assert.ok(Number(left) + Number(width) <= 100.001);
    assert.ok(svg.indexOf('best') > svg.indexOf('xxx'));
    assert.match(svg, /textLength/);
  });

  it('labels lie on no other label and leave most of the picture to be seen, the best are kept', () => {
    const objects = Array.from({ length: 200 }, (_, i) => object(`no${i}`, (i * 37) % 400, (i * 53) % 280, 25, 20));
    const svg = boxesSvg({ width: 400, height: 300, objects });
    assert.equal([...svg.matchAll(/fill="none"/g)].length, 200);
    const plates = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" fill="#/g)].map(
      ([, ...place]) => place.map(Number) as [number, number, number, number],
    );
    assert.ok(plates.length > 3 && plates.length < 200, `${plates.length} labels`);
    assert.ok(plates.reduce((sum, [, , width, height]) => sum + width * height, 0) <= (400 * 300) / 4);
    for (const [i, [x, y, w, h]] of plates.entries()) {
      for (const [ox, oy, ow, oh] of plates.slice(i + 1)) {
        assert.ok(x + w <= ox || ox + ow <= x || y + h <= oy || oy + oh <= y, `labels ${i} overlap`);
      }
    }
    assert.match(svg, /no0 90.0 %/);
  });

  it('a folder that does not exist is told as such', async () => {
    const dot = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    const file = join(dir, 'none', 'out.png');
    await assert.rejects(drawBoxes(dot, { width: 1, height: 1, objects: [] }, file), { code: 'ENOENT' });
  });

  it('pictures without objects and of one pixel are written as well', async () => {
    const dot = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    await drawBoxes(dot, { width: 1, height: 1, objects: [] }, join(dir, 'none.png'));
    await drawBoxes(dot, { width: 1, height: 1, objects: [object('a', 0, 0, 1, 1)] }, join(dir, 'dot.png'));
    assert.equal((await sharp(join(dir, 'dot.png')).metadata()).width, 1);
  });
});
