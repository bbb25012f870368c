import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, beforeEach, test } from 'node:test';
import fc from 'fast-check';
import type { FailedFrame, ScoredFrame } from '../camera-frame.js';
import { fakeHouse } from '../doors.fixture.js';
import { scoringError } from '../errors.js';
import { HttpDoor } from './http-door.js';
import type { ClassificationInference } from './inferences.js';

const LIMIT = 64 * 1024;
const house = fakeHouse(LIMIT);
const normal = { score: house.score, model: house.model, state: house.state };
const frames: ScoredFrame[] = [];
const failures: FailedFrame[] = [];
const door = new HttpDoor(house.context, (frame) => ('error' in frame ? failures.push(frame) : frames.push(frame)));
const port = await door.listen('127.0.0.1', 0);
after(() => door.stop(1000));
beforeEach(() => {
  Object.assign(house, normal);
  house.requests.length = 0;
  house.logged.length = 0;
  frames.length = 0;
  failures.length = 0;
  house.settings.apply('cameras', undefined);
});

const url = `http://127.0.0.1:${port}`;
const jpeg = Buffer.from('\xff\xd8 picture', 'latin1');

function post(
  body: Buffer | string | Uint8Array,
  headers: Record<string, string> = {},
  query = '?camera=belt-1',
): Promise<Response> {
  return fetch(`${url}/score${query}`, { method: 'POST', body, headers: { 'content-type': 'image/jpeg', ...headers } });
}

async function refused(answer: Promise<Response>, status: number, code: string, message: RegExp): Promise<Response> {
  const response = await answer;
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  assert.equal(response.status, status, error.message);
  assert.equal(error.code, code);
  assert.match(error.message, message);
  return response;
}

test('a frame is answered with inferences, best first, and its request id', async () => {
  const response = await post(jpeg, { 'x-ms-client-request-id': 'abc-1' });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('x-ms-client-request-id'), 'abc-1');
  const { inferences } = (await response.json()) as { inferences: ClassificationInference[] };
  assert.equal(inferences.length, 3);
  const { latencyMs, ...extensions } = inferences[0]!.extensions;
  assert.match(latencyMs, /^\d+\.\d$/);
  assert.deepEqual(extensions, { model: 'belt-object:3', device: 'emulator' });
  assert.deepEqual(inferences[0]!.classification, {
    tag: { value: 'bottle standing', confidence: 0.75 },
    attributes: [{ name: 'classId', value: '1' }],
  });
  assert.equal(inferences[0]!.type, 'classification');
  const { input, camera } = house.requests[0]!;
  assert.ok(input.kind === 'images' && jpeg.equals(input.images[0]!));
  assert.equal(camera, 'belt-1');
  assert.equal(frames.length, 1);
  assert.equal(frames[0]!.camera, 'belt-1');
  assert.deepEqual(frames[0]!.inferences, inferences);
  assert.deepEqual([frames[0]!.device, frames[0]!.picture], ['emulator', 'jpg']);
  assert.equal(failures.length, 0);
});

test('the camera is named by the query or the header; only telemetry takes the address for a name', async () => {
  await post(jpeg, { 'x-camera': 'other' });
  await post(jpeg, { 'x-camera': 'door' }, '');
  await post(jpeg, {}, '');
  assert.deepEqual(
    house.requests.map(({ camera }) => camera),
    ['belt-1', 'door', undefined],
  );
  assert.deepEqual(
    frames.map(({ camera }) => camera),
    ['belt-1', 'door', '127.0.0.1'],
  );
  await refused(post(jpeg, { 'x-camera': '' }), 400, 'REQUEST_MALFORMED', /camera is ""/);
  for (const query of ['?camera=', `?camera=${'x'.repeat(129)}`, '?camera=a%0Ab', '?camera=a&camera=b']) {
    await refused(
      post(jpeg, {}, query),
      400,
      'REQUEST_MALFORMED',
      /^request is malformed: camera is .*; expected one name/,
    );
  }
});

test('what is no answer above the least confidence is 204', async () => {
  house.settings.apply('cameras', { ...house.settings.cameras, minConfidence: 0.5 });
  const { inferences } = (await (await post(jpeg)).json()) as { inferences: unknown[] };
  assert.equal(inferences.length, 1);
  house.settings.apply('cameras', { ...house.settings.cameras, minConfidence: 0.9 });
  const response = await post(jpeg);
  assert.equal(response.status, 204);
  assert.equal(await response.text(), '');
  assert.deepEqual(frames[1]!.inferences, []);
});

test('bad bodies are refused before the scorer', async () => {
  await refused(post(''), 400, 'IMAGE_EMPTY', /^request body: Input is empty/);
  await refused(
    post('{}', { 'content-type': 'application/json' }),
    400,
    'REQUEST_MALFORMED',
    /content-type is application\/json; expected image/,
  );
  await refused(post(jpeg, { 'content-type': 'imagejpeg' }), 400, 'REQUEST_MALFORMED', /content-type|media type/i);
  await refused(post(Buffer.alloc(LIMIT + 1)), 413, 'REQUEST_TOO_LARGE', /larger than max \(65537 vs 65536\)/);
  assert.equal(house.requests.length, 0);
});

test('who still sends a body that is far too large gets the answer, not a reset', async () => {
  for (let round = 0; round < 4; round++) {
    await refused(post(Buffer.alloc(16 << 20)), 413, 'REQUEST_TOO_LARGE', /larger than max/);
  }
});

test('octet streams and other picture types are taken', async () => {
  assert.equal((await post(jpeg, { 'content-type': 'application/octet-stream' })).status, 200);
  assert.equal((await post(jpeg, { 'content-type': 'image/png' })).status, 200);
});

test('a form is taken for its file', async () => {
  const form = new FormData();
  form.append('camera', 'not read');
  form.append('file', new Blob([jpeg], { type: 'image/jpeg' }), 'frame.jpg');
  const response = await fetch(`${url}/score`, { method: 'POST', body: form });
  assert.equal(response.status, 200);
  const { input } = house.requests[0]!;
  assert.ok(input.kind === 'images' && jpeg.equals(input.images[0]!));
  form.delete('file');
  await refused(
    fetch(`${url}/score`, { method: 'POST', body: form }),
    400,
    'REQUEST_MALFORMED',
    /no file in a field "file"; found camera/,
  );
});

test('a frame that failed is told, unless a newer one took its place', async () => {
  const fail = (error: Error) => {
    house.score = () => Promise.reject(error);
  };
  fail(scoringError('FRAME_REPLACED', 'belt-1'));
  assert.equal((await post(jpeg, {}, '?camera=belt-1')).status, 503);
  assert.equal(failures.length, 0);
  fail(scoringError('QUEUE_FULL', 64));
  assert.equal((await post(jpeg, {}, '?camera=belt-1')).status, 503);
  assert.equal((await post(Buffer.alloc(0))).status, 400);
  assert.deepEqual(
    failures.map(({ camera, error }) => [camera, error.code]),
    [
      ['belt-1', 'QUEUE_FULL'],
      ['127.0.0.1', 'IMAGE_EMPTY'],
    ],
  );
  assert.deepEqual(frames, []);
});

test('refusals of the house keep their status; 503 says when to come back', async () => {
  const failing = (error: Error) => {
    house.score = () => Promise.reject(error);
    return post(jpeg, { 'x-ms-client-request-id': 'abc-2' });
  };
  const busy = await refused(failing(scoringError('QUEUE_FULL', 64)), 503, 'QUEUE_FULL', /full/);
  assert.equal(busy.headers.get('retry-after'), '1');
  assert.equal(busy.headers.get('x-ms-client-request-id'), 'abc-2');
  await refused(failing(scoringError('IMAGE_CORRUPT', 'image 0', 9, 'x')), 400, 'IMAGE_CORRUPT', /Invalid JPEG data/);
  const replaced = await refused(failing(scoringError('FRAME_REPLACED', 'c')), 503, 'FRAME_REPLACED', /newer frame/);
  assert.equal(replaced.headers.get('retry-after'), '0');
  await refused(failing(scoringError('DEADLINE')), 504, 'DEADLINE', /Deadline/);
  await refused(failing(new TypeError('oops')), 500, 'INTERNAL', /oops/);
  assert.match(house.logged.join(''), /TypeError: oops/);
});

test('live says that the loop turns, ready that a model is there or will be shortly', async () => {
  assert.deepEqual(await (await fetch(`${url}/live`)).json(), { status: 'live' });
  assert.deepEqual(await (await fetch(`${url}/ready`)).json(), {
    status: 'ready',
    model: 'belt-object:3',
    device: 'emulator',
  });
  const since = '2026-01-01T00:00:00Z';
  const { state } = house;
  house.show({ state: 'LOADING', model: { name: 'm', version: 2 }, since });
  assert.equal((await fetch(`${url}/ready`)).status, 200);
  house.show({ state: 'END', since });
  house.show({ state: 'LOADING', model: { name: 'm', version: 2 }, since });
  await refused(fetch(`${url}/ready`), 503, 'SLOT_NOT_AVAILABLE', /m:2 is LOADING/);
  house.state = { state: 'END', error: { code: 'PACKAGE_DIGEST', text: 'was altered', model: 'm:2' }, since };
  await refused(fetch(`${url}/ready`), 503, 'SLOT_FAILED', /m:2 could not be loaded: was altered/);
  assert.equal((await fetch(`${url}/live`)).status, 200);
  house.show(state);
});

test('an unknown address says what there is', async () => {
  await refused(
    fetch(`${url}/nothing?x`),
    404,
    'NOT_FOUND',
    /^GET \/nothing is not served; POST \/score, .*GET \/openapi\.json and \/v1\/models\/… are$/,
  );
});

test('a method that an address has not is 405 with those that it has', async () => {
  const answer = await refused(
    fetch(`${url}/score`, { method: 'PUT' }),
    405,
    'METHOD_NOT_ALLOWED',
    /^\/score takes POST, not PUT$/,
  );
  assert.equal(answer.headers.get('allow'), 'POST');
});

test('HEAD is answered wherever GET is', async () => {
  const { status } = await fetch(`${url}/live`, { method: 'HEAD' });
  assert.equal(status, 200);
});

test('the document that describes the routes is served', async () => {
  const { openapi, paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { openapi: string; paths: object };
  assert.equal(openapi, '3.1.0');
  assert.ok('/v1/models/{name}:predict' in paths);
});

test('a camera that hangs up aborts its frame', async () => {
  const aborted = new Promise<void>((resolve) => {
    house.score = ({ signal }) => {
      signal!.addEventListener('abort', () => resolve());
      socket.destroy();
      return new Promise(() => {});
    };
  });
  const socket = connect(port, '127.0.0.1');
  socket.write('POST /score HTTP/1.1\r\nhost: x\r\ncontent-type: image/jpeg\r\ncontent-length: 3\r\n\r\nabc');
  await aborted;
});

const UNFINISHED = 'POST /score HTTP/1.1\r\nhost: x\r\ncontent-type: image/jpeg\r\ncontent-length: 1000\r\n\r\nabc';

test('a request that does not come to its end is answered 408 and cut', async () => {
  const hasty = new HttpDoor(house.context, () => {}, 50);
  const hastyPort = await hasty.listen('127.0.0.1', 0);
  for (const begun of [UNFINISHED, 'POST /score HTTP/1.1\r\nhost: x\r\n']) {
    const socket = connect(hastyPort, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
    });
    socket.write(begun);
    await once(socket, 'close');
    assert.match(answer, /^HTTP\/1\.1 408 /);
  }
  await hasty.stop(1000);
});

test('a stop does not wait for a request that does not come to its end', async () => {
  const left = new HttpDoor(house.context, () => {});
  const socket = connect(await left.listen('127.0.0.1', 0), '127.0.0.1');
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  socket.write(UNFINISHED);
  // Once a later connection was answered, the earlier one is known to the server.
  await once(socket, 'connect');
  await fetch(`http://127.0.0.1:${socket.remotePort}/live`);
  await left.stop(50);
  await closed;
});

test('hostile requests never bring the door down', async () => {
  house.score = () => Promise.reject(scoringError('IMAGE_FORMAT', 'image 0', 'nothing'));
  const token = fc.string({ unit: fc.constantFrom(...'abc/;=*%, "\\'), maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 100 }), token, token, async (body, type, camera) => {
      const response = await post(body, { 'content-type': type }, `?camera=${camera}`);
      assert.ok([400, 413].includes(response.status), `answered ${response.status}`);
      assert.ok(((await response.json()) as { error: { code: string } }).error.code);
    }),
    { numRuns: 300, seed: 4 },
  );
  assert.deepEqual(house.logged, []);
});

test('a taken port is PORT_TAKEN and names the address', async () => {
  const second = new HttpDoor(house.context, () => {});
  await assert.rejects(second.listen('127.0.0.1', port), {
    code: 'PORT_TAKEN',
    message: `HTTP port: 127.0.0.1:${port} is already in use`,
  });
  await second.stop(100);
});
