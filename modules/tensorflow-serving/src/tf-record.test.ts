import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodePredictionLog, encodePredictionLog } from './prediction-log.js';
import { stringTensor, stringValues } from './tensor-values.js';
import { readTfRecords, writeTfRecords } from './tf-record.js';

test('one record is framed as TensorFlow does it', () => {
  const file = Buffer.from('0500000000000000eab2043e68656c6c6fbb1f1c19', 'hex');
  assert.deepEqual(
    [...readTfRecords(file)].map((one) => Buffer.from(one).toString()),
    ['hello'],
  );
  assert.deepEqual(writeTfRecords([Buffer.from('hello')]), file);
});

test('records come back, and a changed or missing byte is found', () => {
  const record = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 4 }), fc.nat(), fc.boolean(), (records, where, cut) => {
      const file = writeTfRecords(records);
      assert.deepEqual(
        [...readTfRecords(file)].map((one) => [...one]),
        records.map((one) => [...one]),
      );
      const at = where % file.length;
      const spoilt = cut ? file.subarray(0, at) : Buffer.from(file);
      if (!cut) spoilt[at]! ^= 1 + (where % 255);
      const whole = cut && records.some((_, index) => writeTfRecords(records.slice(0, index)).length === at);
      if (whole) assert.ok([...readTfRecords(spoilt)].length < records.length);
      else assert.throws(() => [...readTfRecords(spoilt)], { name: 'WireError', message: /^record \d: / });
    }),
  );
});

test('a prediction log gives its Predict request, another log gives none', () => {
  const inputs = new Map([['images', stringTensor([Buffer.from('picture')])]]);
  const log = encodePredictionLog({ inputs, outputFilter: [] });
  const found = decodePredictionLog(log)!;
  assert.deepEqual(stringValues(found.inputs.get('images')!, 4).map(String), ['picture']);
  // classify_log, empty.
  assert.equal(decodePredictionLog(Uint8Array.of(0x12, 0)), undefined);
  assert.throws(() => decodePredictionLog(Uint8Array.of(0x32, 9, 1)));
});
