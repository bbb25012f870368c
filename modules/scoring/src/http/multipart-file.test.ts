import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { multipartFile } from './multipart-file.js';

/** As the platform itself writes forms. */
async function encoded(form: FormData): Promise<[Buffer, string]> {
  const request = new Request('http://localhost/', { method: 'POST', body: form });
  return [Buffer.from(await request.arrayBuffer()), request.headers.get('content-type')!];
}

const file = (bytes: Uint8Array) => new Blob([Buffer.from(bytes)], { type: 'image/jpeg' });
const refused = (detail: RegExp) => ({ code: 'REQUEST_MALFORMED', message: detail });

test('the file is found among other fields, byte by byte', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 5000 }),
      fc.array(fc.string(), { maxLength: 5 }),
      async (bytes, texts) => {
        const form = new FormData();
        for (const [index, text] of texts.entries()) form.append(`text ${index}`, text);
        form.append('other', file(Uint8Array.of(1)), 'other.jpg');
        form.append('file', file(bytes), 'frame.jpg');
        form.append('file', file(Uint8Array.of(2)), 'second.jpg');
        const [body, type] = await encoded(form);
        assert.ok(Buffer.from(bytes).equals(await multipartFile(body, type, 'file')));
      },
    ),
    { numRuns: 30 },
  );
});

test('what holds no such file is refused by name', async () => {
  const form = new FormData();
  form.append('image', file(Uint8Array.of(1)), 'frame.jpg');
  const [body, type] = await encoded(form);
  await assert.rejects(multipartFile(body, type, 'file'), refused(/no file in a field "file"; found image$/));
  await assert.rejects(multipartFile(body, 'multipart/form-data', 'image'), refused(/[Bb]oundary/));
  await assert.rejects(multipartFile(Buffer.from('no form'), type, 'image'), refused(/multipart body: /));
  const many = new FormData();
  for (let index = 0; index < 50; index++) many.append(`field ${index}`, 'x');
  await assert.rejects(multipartFile(...(await encoded(many)), 'file'), refused(/more than 20 parts/));
});

test('a body that is cut anywhere is refused or whole, and never hangs', async () => {
  const form = new FormData();
  form.append('file', file(Buffer.alloc(50, 'picture')), 'frame.jpg');
  const [body, type] = await encoded(form);
  for (let length = 0; length < body.length; length++) {
    const answer = await multipartFile(body.subarray(0, length), type, 'file').catch((error: Error) => error);
    if (answer instanceof Error) assert.match(answer.message, /multipart body: /);
    else assert.equal(answer.length, 50);
  }
});
