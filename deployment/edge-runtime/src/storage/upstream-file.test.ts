import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openUpstreamFile } from './upstream-file.js';

const record = (frame: number) => ({
  module: 'camera',
  output: 'frames',
  properties: {},
  systemProperties: {},
  body: { frame },
});

describe('upstream file', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeslot-upstream-'));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  async function frames(name: string): Promise<number[]> {
    const lines = (await readFile(join(dir, name), 'utf8')).trim().split('\n');
    return lines.map((line) => JSON.parse(line).body.frame);
  }

  it('has one line per message, in order, on disk when append resolves', async () => {
    const file = await openUpstreamFile({ dir });
    await Promise.all(Array.from({ length: 100 }, (_, frame) => file.append(record(frame))));
    assert.equal(file.messages, 100);
    assert.deepEqual(await frames('upstream.ndjson'), [...Array(100).keys()]);
    assert.equal((await stat(file.path)).mode & 0o777, 0o600);
    await file.close();
    await assert.rejects(file.append(record(1)), /closed/);
  });

  it('goes on after a crash in the middle of a line', async () => {
    await appendFile(join(dir, 'upstream.ndjson'), '{"half":');
    const file = await openUpstreamFile({ dir });
    await file.append(record(100));
    await file.close();
    const lines = (await readFile(file.path, 'utf8')).trim().split('\n');
    assert.equal(JSON.parse(lines.at(-1) ?? '').body.frame, 100);
  });

  it('rotates by size and keeps so many files', async () => {
    const file = await openUpstreamFile({ dir, maxBytes: 500, maxFiles: 3 });
    for (let frame = 0; frame < 40; frame += 1) await file.append(record(frame));
    await file.close();
    const names = (await readdir(dir)).sort();
    assert.deepEqual(names, ['upstream.ndjson', 'upstream.ndjson.1', 'upstream.ndjson.2']);
    const kept = [
      ...(await frames(names[2] as string)),
      ...(await frames(names[1] as string)),
      ...(await frames(names[0] as string)),
    ];
    assert.deepEqual(
      kept,
      Array.from({ length: kept.length }, (_, at) => 40 - kept.length + at),
      'the newest, without a gap',
    );
    for (const name of names) assert.ok((await stat(join(dir, name))).size <= 500);
  });

  it('refuses more than it may hold back', async () => {
    const file = await openUpstreamFile({ dir, maxPendingBytes: 1000 });
    const results = await Promise.allSettled(Array.from({ length: 50 }, (_, frame) => file.append(record(frame))));
    assert.ok(results.some(({ status }) => status === 'rejected') && results[0]?.status === 'fulfilled');
    await file.append(record(1));
    await file.close();
  });
});
