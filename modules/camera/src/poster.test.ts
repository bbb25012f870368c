import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { Poster, type PostResult, readRetryAfter } from './poster.js';

describe('poster', () => {
  const poster = new Poster();
  let server: Server;
  let target: string;
  let answer: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;
  const sockets = new Set<unknown>();

  before(async () => {
    server = createServer((request, response) => {
      sockets.add(request.socket);
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => answer(request, response, Buffer.concat(chunks)));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    target = `http://127.0.0.1:${(server.address() as AddressInfo).port}/score`;
  });
  after(async () => {
    await poster.close();
    server.closeAllConnections();
    server.close();
  });

  function post(overrides: { target?: string; timeoutMs?: number; signal?: AbortSignal } = {}): Promise<PostResult> {
    return poster.post({
      target,
      camera: 'belt-1',
      picture: { bytes: Buffer.from('jpeg'), contentType: 'image/jpeg' },
      timeoutMs: 5000,
      signal: new AbortController().signal,
      ...overrides,
    });
  }
  it('reads a detector’s best object and how many there are', async () => {
    const entity = (value: string, confidence: number) => ({
      type: 'entity',
      entity: { tag: { value, confidence }, box: { l: 0, t: 0, w: 1, h: 1 } },
      extensions: { model: 'belt-parts:1' },
    });
    reply(200, JSON.stringify({ inferences: [entity('bolt', 0.9), entity('nut', 0.8), entity('bolt', 0.7)] }));
    assert.deepEqual(await post(), {
      outcome: 'scored',
      httpStatus: 200,
      best: { label: 'bolt', confidence: 0.9, model: 'belt-parts:1', objects: 3 },
    });
  });

  const reply = (status: number, body: string, headers: Record<string, string> = {}) => {
    answer = (_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(body);
    };
  };

  it('posts the picture as a video analyzer would, and reads the best inference', async () => {
    let seen: { method: string; url: string; type: string; length: string; id: string; body: string } | undefined;
    answer = ({ method, url, headers }, response, body) => {
      seen = {
        method: method!,
        url: url!,
        type: headers['content-type']!,
        length: headers['content-length']!,
        id: String(headers['x-ms-client-request-id']),
        body: body.toString(),
      };
      const tag = { value: 'bottle standing', confidence: 0.982 };
      const extensions = { model: 'belt-object:1', device: 'emulator', latencyMs: '41.2' };
      response.end(
        JSON.stringify({ inferences: [{ type: 'classification', classification: { tag }, extensions }, {}] }),
      );
    };
    assert.deepEqual(await post(), {
      outcome: 'scored',
      httpStatus: 200,
      best: { label: 'bottle standing', confidence: 0.982, model: 'belt-object:1' },
    });
    const { id, ...rest } = seen!;
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.deepEqual(rest, {
      method: 'POST',
      url: '/score?camera=belt-1',
      type: 'image/jpeg',
      length: '4',
      body: 'jpeg',
    });
    for (let count = 0; count < 8; count++) await post();
    assert.ok(sockets.size <= 2);
  });

  it('tells nothing found, busy and failed apart', async () => {
    reply(204, '');
    assert.deepEqual(await post(), { outcome: 'scored', httpStatus: 204 });
    reply(503, '{"error":{"code":"QUEUE_FULL","message":"64 calls wait"}}', { 'retry-after': '2' });
    assert.deepEqual(await post(), {
      outcome: 'busy',
      httpStatus: 503,
      reason: 'QUEUE_FULL: 64 calls wait',
      waitMs: 2000,
    });
    for (const [error, reason] of [
      ['{"code":"FRAME_REPLACED"}', 'FRAME_REPLACED'],
      ['{"code":"FRAME_REPLACED","message":""}', 'FRAME_REPLACED'],
      ['{"message":"come again"}', 'come again'],
      ['null', 'HTTP status 503'],
    ]) {
      reply(503, `{"error":${error}}`);
      assert.deepEqual(await post(), { outcome: 'busy', httpStatus: 503, reason, waitMs: 0 });
    }
    reply(500, 'oops');
    assert.deepEqual(await post(), { outcome: 'failed', httpStatus: 500, reason: 'HTTP status 500' });
    for (const body of ['', 'null', '[]', '{"inferences":7}', '{"in']) {
      reply(200, body);
      const { outcome, reason } = (await post()) as { outcome: string; reason: string };
      assert.equal(outcome, 'failed', body);
      assert.match(reason, /not JSON with inferences/);
    }
    reply(200, `"${'x'.repeat(2 * 1024 * 1024)}"`);
    assert.match(((await post()) as { reason: string }).reason, /more than 1048576 bytes/);
  });

  it('ends a post that is too late, is cut off, or finds nobody', async () => {
    answer = () => {};
    assert.deepEqual(await post({ timeoutMs: 30 }), { outcome: 'failed', reason: 'no answer within 30 ms' });
    const abort = new AbortController();
    const cut = post({ signal: abort.signal });
    abort.abort();
    assert.deepEqual(await cut, { outcome: 'failed', reason: 'the camera stopped' });
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    const refused = await post({ target: `http://127.0.0.1:${port}/score` });
    assert.match((refused as { reason: string }).reason, /ECONNREFUSED/);
    assert.equal((refused as { disconnected?: boolean }).disconnected, true);
  });

  it('reads Retry-After in both forms, within a bound', () => {
    const now = Date.parse('Thu, 01 Jan 2026 00:00:00 GMT');
    assert.equal(readRetryAfter('3'), 3000);
    assert.equal(readRetryAfter('999999'), 60_000);
    assert.equal(readRetryAfter('Thu, 01 Jan 2026 00:00:05 GMT', now), 5000);
    assert.equal(readRetryAfter('Wed, 31 Dec 2025 00:00:00 GMT', now), 0);
    assert.equal(readRetryAfter('soon'), 0);
    assert.equal(readRetryAfter(undefined), 0);
  });
});
