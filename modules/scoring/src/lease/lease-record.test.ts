import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { COPY_BYTES, decodeRecord, encodeRecord, type LeaseRecord, newestRecord } from './lease-record.js';

const text = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 200 });
const count = fc.integer({ min: 0, max: 0xffff_ffff });
const record: fc.Arbitrary<LeaseRecord> = fc.record(
  {
    revision: count,
    epoch: count,
    holder: fc.record(
      { module: text, instance: text, pid: count, bootId: text, since: text, model: text },
      { requiredKeys: ['module', 'instance', 'pid', 'bootId', 'since'], noNullPrototype: true },
    ),
    reserved: fc.record({ instance: fc.uuid(), epoch: count }, { noNullPrototype: true }),
  },
  { requiredKeys: ['revision', 'epoch'], noNullPrototype: true },
);

test('what was written is read, and is one line of text', () => {
  fc.assert(
    fc.property(record, (written) => {
      const copy = encodeRecord(written);
      assert.deepEqual(decodeRecord(copy), written);
      assert.equal(copy.length, COPY_BYTES);
      assert.equal(copy.indexOf('\n'), COPY_BYTES - 1);
    }),
  );
});

test('a write that was cut short at any byte leaves the copy before it', () => {
  const older = { revision: 4, epoch: 7, reserved: { instance: 'a', epoch: 7 } };
  const newer = { revision: 5, epoch: 8 };
  const between = encodeRecord({ revision: 3, epoch: 7 });
  const written = encodeRecord(newer);
  for (let bytes = 0; bytes < JSON.stringify(newer).length; bytes++) {
    const torn = Buffer.concat([written.subarray(0, bytes), between.subarray(bytes)]);
    const read = newestRecord(Buffer.concat([encodeRecord(older), torn]));
    assert.deepEqual(read, older, `${bytes} bytes`);
  }
  assert.deepEqual(newestRecord(Buffer.concat([encodeRecord(older), written])), newer);
});

test('an empty file, and one of something else, say nothing', () => {
  for (const content of ['', 'hello', `${' '.repeat(3000)}`, '00000000 {}', `${'\0'.repeat(2048)}`]) {
    assert.equal(newestRecord(Buffer.from(content)), undefined);
  }
});

test('names that are too long or strange are cut, so that they always fit', () => {
  const long = 'ä\n"'.repeat(500);
  const holder = { module: long, instance: 'i', pid: 1, bootId: 'b', since: 's', model: long };
  const read = decodeRecord(encodeRecord({ revision: 1, epoch: 1, holder }));
  assert.equal(read?.holder?.module.slice(0, 6), '??"??"');
  assert.equal(read?.holder?.model?.length, 200);
});
