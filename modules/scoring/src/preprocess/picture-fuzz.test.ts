import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzPictures } from '../testing/pictures/fuzz-pictures.js';

test('500 spoilt pictures of all flavours: decoded or refused by a code, no crash, no hang', async () => {
  const reports = await fuzzPictures({ seed: 1, cases: 500 });
  const { done, decoded, refused } = reports.at(-1)!;
  assert.equal(done, 500);
  assert.equal(decoded + Object.values(refused).reduce((a, b) => a + b, 0), 500);
  assert.ok(
    decoded > 50 && (refused.IMAGE_CORRUPT ?? 0) > 50 && (refused.IMAGE_FORMAT ?? 0) > 5,
    JSON.stringify(refused),
  );
});
