import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findPictures } from './find-pictures.js';

let dir: string;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'edgeslot-find-'));
  for (const folder of ['b/deep', 'locked', '.hidden', 'out']) await mkdir(join(dir, folder), { recursive: true });
  for (const file of ['b/deep/2.PNG', 'b/1.jpg', 'a.gif', 'locked/3.jpg', '.hidden/4.jpg', '.5.jpg', 'out/6.jpg']) {
    await writeFile(join(dir, file), '');
  }
  await writeFile(join(dir, 'notes.txt'), '');
  await symlink(dir, join(dir, 'b/loop'));
});
after(() => rm(dir, { recursive: true }));

const names = async (...args: Parameters<typeof findPictures>) => {
  const { pictures, others } = await findPictures(...args);
  return { names: pictures.map(({ name }) => name), others };
};

test('what looks like a picture below a folder, by name: no hidden file, no link, nothing that was written', async () => {
  const expected = { names: ['a.gif', 'b/1.jpg', 'b/deep/2.PNG', 'locked/3.jpg'], others: 1 };
  assert.deepEqual(await names([dir], join(dir, 'out')), expected);
  assert.deepEqual(await names([join(dir, 'out')], join(dir, 'out')), { names: [], others: 0 });
});

test('a folder that cannot be listed is named, and hides no other', async () => {
  const list = async (folder: string) => {
    if (folder.endsWith('locked')) throw Object.assign(new Error('permission denied'), { code: 'EACCES' });
    return readdir(folder, { withFileTypes: true });
  };
  const { pictures } = await findPictures([dir], join(dir, 'out'), list);
  assert.deepEqual(
    pictures.map(({ path }) => path),
    ['a.gif', 'b/1.jpg', 'b/deep/2.PNG', 'locked'].map((name) => join(dir, name)),
  );
});

test('files are taken as they are, whatever they are called and whether they are there', async () => {
  const paths = [join(dir, 'notes.txt'), join(dir, 'none')];
  assert.deepEqual(await names(paths, join(dir, 'out')), { names: ['notes.txt', 'none'], others: 0 });
});
