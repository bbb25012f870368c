import assert from 'node:assert/strict';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { lengthDelimited, packedIntegers, readAttributes, readWeightInfo, text, varint } from '@edgeslot/scoring/graph';

async function infoOf(t: TestContext, ...fields: Uint8Array[]) {
  const directory = await mkdtemp(join(tmpdir(), 'edgeslot-weight-'));
  t.after(() => rm(directory, { recursive: true }));
  const tensor = Buffer.concat(fields);
  await writeFile(join(directory, 'tensor'), tensor);
  const file = await open(join(directory, 'tensor'));
  try {
    return await readWeightInfo(file, { start: 0, end: tensor.length });
  } finally {
    await file.close();
  }
}

test('float32 values are found in both ways of storing them in one piece, and dims in both', async (t) => {
  const values = new Uint8Array(Float32Array.from({ length: 600 }, (_, at) => at).buffer);
  const raw = await infoOf(t, varint(1, 2), varint(1, 300), varint(2, 1), text(8, 'w'), lengthDelimited(9, values));
  assert.deepEqual([raw.dims, raw.type], [[2, 300], 1]);
  assert.equal(raw.values!.end - raw.values!.start, 2400);
  const packed = await infoOf(
    t,
    lengthDelimited(1, Uint8Array.of(2, 0xac, 2)),
    varint(2, 1),
    lengthDelimited(4, values),
  );
  assert.deepEqual(packed.dims, [2, 300]);
  assert.equal(packed.values!.end - packed.values!.start, 2400);
});

test('values that are missing, cut short or stored twice have no place', async (t) => {
  const four = new Uint8Array(16);
  assert.equal((await infoOf(t, varint(1, 4), varint(2, 1))).values, undefined);
  assert.equal((await infoOf(t, varint(1, 5), varint(2, 1), lengthDelimited(9, four))).values, undefined);
  const twice = [lengthDelimited(9, four), lengthDelimited(4, four)];
  assert.equal((await infoOf(t, varint(1, 4), varint(2, 1), ...twice)).values, undefined);
});

test('attributes are read by name: numbers, lists packed or not, texts', () => {
  const attribute = (...fields: Uint8Array[]) => lengthDelimited(5, Buffer.concat(fields));
  const node = Buffer.concat([
    text(4, 'Conv'),
    attribute(text(1, 'group'), varint(3, 2)),
    attribute(text(1, 'pads'), varint(8, 1), varint(8, 300)),
    attribute(text(1, 'strides'), lengthDelimited(8, Uint8Array.of(2, 0xac, 2))),
    attribute(text(1, 'auto_pad'), text(4, 'SAME_UPPER')),
  ]);
  const attributes = readAttributes(node);
  assert.deepEqual([attributes.integer('group', 1), attributes.integer('axis', 7)], [2, 7]);
  assert.deepEqual(attributes.integers('pads'), [1, 300]);
  assert.deepEqual(attributes.integers('strides'), [2, 300]);
  assert.deepEqual([attributes.text('auto_pad'), attributes.integers('perm')], ['SAME_UPPER', undefined]);
  assert.deepEqual(packedIntegers(Uint8Array.from([...new Array(9).fill(0xff), 1])), [-1]);
});
