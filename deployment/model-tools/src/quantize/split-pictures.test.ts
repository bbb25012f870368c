import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { splitPictures } from './split-pictures.js';

describe('pictures to calibrate on and to measure with', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'edgeslot-split-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const files = async (count: number, name: (index: number) => string = String, content = name) => {
    const paths = Array.from({ length: count }, (_, index) => join(folder, name(index)));
    await Promise.all(paths.map((path, index) => writeFile(path, content(index))));
    return paths;
  };
  const contents = (paths: readonly string[]) => Promise.all(paths.map((path) => readFile(path, 'utf8')));

  it('are apart by content, a third is held out, and copies count once', async () => {
    const paths = await files(
      60,
      (index) => `p${index}`,
      (index) => `picture ${index % 45}`,
    );
    const { calibration, heldOut, duplicates } = await splitPictures(paths, { samples: 100, seed: 1 });
    assert.deepEqual([calibration.length, heldOut.length, duplicates], [30, 15, 15]);
    assert.equal(new Set(await contents([...calibration, ...heldOut])).size, 45);
  });

  it('are chosen by seed and content, not by name', async () => {
    const split = async (name: (index: number) => string, seed: number) => {
      const paths = (await files(40, name, (index) => `picture ${index}`)).sort();
      return (await contents((await splitPictures(paths, { samples: 100, seed })).heldOut)).sort();
    };
    const first = await split((index) => `a${index}`, 1);
    assert.deepEqual(await split((index) => `z${40 - index}`, 1), first);
    assert.notDeepEqual(await split((index) => `a${index}`, 2), first);
  });

  it('are no more than asked for', async () => {
    const paths = await files(40, (index) => `m${index}`);
    const { calibration, heldOut } = await splitPictures(paths, { samples: 5, seed: 1 });
    assert.deepEqual([calibration.length, heldOut.length], [5, 13]);
    assert.ok(calibration.every((path) => !heldOut.includes(path) && basename(path).startsWith('m')));
  });

  it('are refused when they are too few', async () => {
    const paths = await files(
      20,
      (index) => `f${index}`,
      (index) => `picture ${index % 9}`,
    );
    await assert.rejects(
      splitPictures(paths, { samples: 100, seed: 1 }),
      /expected 10 or more different pictures, found 9/,
    );
  });
});
