import assert from 'node:assert/strict';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LeaseFile, readLeaseRecord } from './lease-file.js';
import { COPY_BYTES, encodeRecord } from './lease-record.js';

const HOLDER = { module: 'm', instance: 'i', pid: 1, bootId: 'b', since: 's' };

async function newFile(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'edgeslot-lease-file-'));
  const path = join(folder, 'x.lease');
  const open: LeaseFile[] = [];
  t.after(async () => {
    await Promise.all(open.map((file) => file.close()));
    await rm(folder, { recursive: true });
  });
  const again = async () => {
    const file = await LeaseFile.open(path);
    open.push(file);
    return file;
  };
  return { path, again };
}

test('every holder has the next epoch; what the holder says later does not change it', async (t) => {
  const { path, again } = await newFile(t);
  const file = await again();
  assert.equal(await readLeaseRecord(path), undefined);
  assert.equal(await file.take(HOLDER), 1);
  await file.describe('m:1');
  await file.describe('m:1');
  assert.deepEqual(await readLeaseRecord(path), { revision: 2, epoch: 1, holder: { ...HOLDER, model: 'm:1' } });
  await file.giveUp({ instance: 'j', epoch: 1 });
  assert.deepEqual(await readLeaseRecord(path), { revision: 3, epoch: 1, reserved: { instance: 'j', epoch: 1 } });
  assert.equal(await (await again()).take(HOLDER), 2);
  await file.giveUp();
  await file.describe('nobody holds it');
  assert.deepEqual(await readLeaseRecord(path), { revision: 5, epoch: 2 });
});

test('whichever copy is lost, no epoch is given twice', async (t) => {
  const { path, again } = await newFile(t);
  const file = await again();
  for (let i = 1; i <= 4; i++) assert.equal(await file.take(HOLDER), i);
  // The next write was cut short.
  const torn = Buffer.alloc(COPY_BYTES, 'x');
  const whole = encodeRecord({ revision: 4, epoch: 4 });
  await writeFile(path, Buffer.concat([whole, torn]));
  assert.equal(await (await again()).take(HOLDER), 5);
});

test('a file without a whole copy goes on beyond any count of hand-overs', async (t) => {
  const { path, again } = await newFile(t);
  const file = await again();
  await file.take(HOLDER);
  await truncate(path, 10);
  const epoch = await file.take(HOLDER);
  assert.ok(epoch > 1_700_000_000 && epoch <= 0xffff_ffff);
  assert.equal(await file.take(HOLDER), epoch + 1);
});

test('after the largest epoch comes the first', async (t) => {
  const { path, again } = await newFile(t);
  await writeFile(path, encodeRecord({ revision: 0, epoch: 0xffff_ffff }));
  assert.equal(await (await again()).take(HOLDER), 1);
});

test('a file in no directory is explained', async () => {
  await assert.rejects(
    LeaseFile.open(join(tmpdir(), 'edgeslot-none', 'x.lease')),
    /there is no such directory; make it/,
  );
});
