import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { RECIPES } from '@edgeslot/scoring/model';
import { preprocessImage } from '@edgeslot/scoring/preprocess';
import sharp from 'sharp';
import { preprocessPictures } from './preprocess-pictures.js';

let dir: string;

/** A picture whose pixels differ everywhere. */
async function write(file: string, width: number, height: number): Promise<string> {
  const path = join(dir, file);
  const rgb = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => (i * 7 + Math.floor(i / (width * 3)) * 13) % 251,
  );
  await sharp(rgb, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(path);
  return path;
}

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'edgeslot-preprocess-'));
});
after(() => rm(dir, { recursive: true }));

describe('preprocessPictures', () => {
  for (const [name, recipe] of RECIPES) {
    test(`${name}: the tensor is scoring’s, and the picture is what the model sees`, async () => {
      const { height, width } = recipe.resize;
      // The tensor's own size, where nothing is cut: every pixel comes back.
      const own = { ...recipe, resize: { mode: 'stretch', height, width } as const };
      const path = await write(`${name}.png`, width, height);
      const out = join(dir, 'out', name);
      const { written, refused, shape } = await preprocessPictures({ recipe: own, paths: [path], out });
      assert.deepEqual(refused, []);
      assert.deepEqual(shape, recipe.layout === 'NCHW' ? [3, height, width] : [height, width, 3]);
      const npy = await readFile(join(out, written[0]!.npy));
      const { tensor } = await preprocessImage(await readFile(path), own);
      assert.deepEqual(npy.subarray(-tensor.byteLength), Buffer.from(tensor.buffer));
      const pixels = (file: string) => sharp(file).raw().toBuffer();
      assert.deepEqual(await pixels(join(out, written[0]!.png)), await pixels(path));
      assert.equal(await readFile(join(out, 'errors.json'), 'utf8'), '[]\n');
    });
  }

  test('a picture that is refused leaves nothing of an earlier run behind', async () => {
    const photos = join(dir, 'again');
    await mkdir(photos);
    for (const file of ['a.png', 'b.png']) await write(join('again', file), 40, 30);
    const out = join(dir, 'again-out');
    const recipe = RECIPES.get('original-ssd')!;
    await preprocessPictures({ recipe, paths: [photos], out });
    assert.deepEqual((await readdir(out)).sort(), ['a.png.npy', 'a.png.png', 'b.png.npy', 'b.png.png', 'errors.json']);
    await writeFile(join(photos, 'a.png'), '');
    await preprocessPictures({ recipe, paths: [photos], out });
    assert.deepEqual((await readdir(out)).sort(), ['b.png.npy', 'b.png.png', 'errors.json']);
    assert.deepEqual((await readdir(photos)).sort(), ['a.png', 'b.png']);
  });

  test('folders are walked, and all that is refused has a code and says why', async () => {
    const photos = join(dir, 'photos');
    await mkdir(join(photos, 'cats/.cache'), { recursive: true });
    for (const file of ['b.png', 'a.png', 'cats/a.png', 'cats/.cache/a.png']) await write(join('photos', file), 40, 30);
    await writeFile(join(photos, 'notes.txt'), 'no picture');
    await writeFile(join(photos, 'empty.jpg'), '');
    await writeFile(join(photos, 'old.bmp'), 'BM of old');
    await writeFile(join(photos, 'huge.gif'), '');
    await truncate(join(photos, 'huge.gif'), 40 << 20);
    await symlink(photos, join(photos, 'loop'));
    const paths = [photos, join(photos, 'a.png'), join(dir, 'none.png'), '/dev/zero'];
    const out = join(photos, 'out');
    const recipe = RECIPES.get('original-ssd')!;
    for (const time of ['first', 'second']) {
      const { written, refused, others } = await preprocessPictures({ recipe, paths, out });
      const names = written.map(({ npy }) => npy);
      assert.deepEqual(names, ['a.png.npy', 'b.png.npy', 'cats/a.png.npy', 'a.png-2.npy'], time);
      assert.equal(others, 1);
      assert.deepEqual(
        refused.map(({ picture, code }) => [picture.replace(`${photos}/`, ''), code]),
        [
          ['empty.jpg', 'IMAGE_EMPTY'],
          ['huge.gif', 'IMAGE_TOO_LARGE'],
          ['old.bmp', 'IMAGE_FORMAT'],
          [join(dir, 'none.png'), 'ENOENT'],
          ['/dev/zero', 'NOT_A_FILE'],
        ],
      );
      for (const { picture, message } of refused) assert.ok(message.startsWith(`${picture}: `), message);
      assert.deepEqual(JSON.parse(await readFile(join(out, 'errors.json'), 'utf8')), refused);
      const files = (await readdir(out, { recursive: true })).filter((file) => file !== 'cats').sort();
      assert.deepEqual(files, [...written.flatMap(({ npy, png }) => [npy, png]), 'errors.json'].sort());
    }
  });

  test('a picture in the folder that is written to is never replaced', async () => {
    const out = join(dir, 'same');
    await mkdir(out);
    const first = await write('same/a.png', 30, 30);
    const second = await write('same/a.png.png', 20, 20);
    const before = await readFile(second);
    const { written } = await preprocessPictures({ recipe: RECIPES.get('keras-tf')!, paths: [first, second], out });
    assert.deepEqual(
      written.map(({ png }) => png),
      ['a.png-2.png', 'a.png.png.png'],
    );
    assert.deepEqual(await readFile(second), before);
  });

  test('an abort ends it between two pictures', async () => {
    const path = await write('abort.png', 8, 8);
    const abort = new AbortController();
    const options = { recipe: RECIPES.get('keras-tf')!, paths: [path, path], out: join(dir, 'aborted') };
    const reason = new Error('enough');
    const running = preprocessPictures({ ...options, signal: abort.signal, onWritten: () => abort.abort(reason) });
    await assert.rejects(running, reason);
    assert.deepEqual(await readdir(options.out), ['abort.png.npy', 'abort.png.png']);
  });
});
