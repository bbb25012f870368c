import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OutputNames } from './output-names.js';

/** Names that are made to meet: of few letters, in both cases, with the endings and numbers that are added. */
const name = fc
  .array(fc.constantFrom('a', 'A', '-2', '.png', '.npy', 'é', 'e\u0301', 'x/', '1'), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''));

test('no two names are alike, whatever the case of letters, and none is a picture given', () => {
  fc.assert(
    fc.property(fc.array(name, { maxLength: 20 }), fc.array(name, { maxLength: 5 }), (names, inside) => {
      const pictures = inside.map((one) => `/out/${one}`);
      const output = new OutputNames('/out', pictures);
      const written = names.flatMap((one) => Object.values(output.next(one))).map((file) => `/out/${file}`);
      const keys = [...written, ...new Set(pictures)].map((file) => file.normalize('NFC').toLowerCase());
      assert.equal(new Set(written.map((file) => file.normalize('NFC').toLowerCase())).size, written.length);
      const given = new Set(pictures.map((file) => file.normalize('NFC').toLowerCase()));
      assert.ok(keys.slice(0, written.length).every((key) => !given.has(key)));
    }),
  );
});

test('the tensor and the picture are named after the file, and a second one gets a number', () => {
  const names = new OutputNames('/out', []);
  assert.deepEqual(names.next('cat/1.jpg'), { npy: 'cat/1.jpg.npy', png: 'cat/1.jpg.png' });
  assert.deepEqual(names.next('cat/1.JPG'), { npy: 'cat/1.JPG-2.npy', png: 'cat/1.JPG-2.png' });
});

test('a name as long as file systems allow leaves room for the ending, and letters stay whole', () => {
  const { npy } = new OutputNames('/out', []).next(`folder/${'ü'.repeat(126)}.jpg`);
  assert.ok(Buffer.byteLength(npy.slice('folder/'.length)) <= 255);
  assert.match(npy, /^folder\/ü{100,}\.npy$/);
});
