import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FolderSource } from './folder-source.js';

describe('folder source', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pictures-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('goes round the pictures in the order of their names, and sees new ones at the next round', async () => {
    for (const name of ['b.JPG', 'a.png', 'notes.txt', 'c.jpeg']) await writeFile(join(folder, name), name);
    const source = new FolderSource(folder);
    const take = async (count: number) => {
      const taken: string[] = [];
      while (taken.length < count) taken.push((await source.take()).bytes.toString());
      return taken;
    };
    assert.deepEqual(await take(2), ['a.png', 'b.JPG']);
    await writeFile(join(folder, '0.jpg'), '0.jpg');
    assert.deepEqual(await take(3), ['c.jpeg', '0.jpg', 'a.png']);
    assert.equal((await source.take()).contentType, 'image/jpeg');
  });

  it('says what is wrong with a folder, and recovers', async () => {
    const source = new FolderSource(join(folder, 'none'));
    await assert.rejects(source.take(), /folder .*none cannot be read: ENOENT/);
    const empty = new FolderSource(folder);
    await assert.rejects(empty.take(), /holds no picture; expected files that end in \.jpg/);
    await writeFile(join(folder, 'a.jpg'), 'x');
    const pictures = await Promise.all([empty.take(), empty.take()]);
    assert.equal(pictures.length, 2);
  });
});
