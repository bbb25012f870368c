import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cardStatus } from '@edgeslot/card';
import { negatingGraph } from '@edgeslot/card/testing';
import { type CardNetwork, openCard } from '@edgeslot/native';
import { memoryTrend } from '../support/flat-memory.js';
import { VirtualCard } from '../support/virtual-card.js';
import { waitFor } from '../support/wait-for.js';
import type { CardClientOrder, CycleSample } from './support/card-client.js';

const clientScript = fileURLToPath(new URL('support/card-client.js', import.meta.url));
const BOUND_MS = 300_000;
const SHAPE = [20, 30, 8] as const;

describe('the binding to a card', { timeout: BOUND_MS }, () => {
  let card: VirtualCard;
  let network: CardNetwork;
  let base: Omit<CardClientOrder, 'cycles' | 'runsPerCycle' | 'depth'>;
  const clients = new Set<ChildProcess>();

  before(async () => {
    card = await VirtualCard.start();
    network = await negating();
    base = { node: card.node, options: { sysfs: join(card.directory, 'sys/catapult0'), epoch: 1 }, network };
  });
  after(async () => {
    for (const client of clients) client.kill('SIGKILL');
    await card.remove();
  });

  async function negating(): Promise<CardNetwork> {
    const [rows, columns, channels] = SHAPE;
    const graph = negatingGraph(rows, columns, channels);
    const path = join(card.directory, 'negating.onnx');
    await writeFile(path, graph);
    return {
      path,
      bytes: graph.length,
      sha256: createHash('sha256').update(graph).digest('hex'),
      needs: {
        nativeDimension: 128,
        multifunctionUnits: 2,
        matrixRegisters: 128,
        initialVectors: 0,
        addsubVectors: 0,
        dramVectors: 0,
        matrixTiles: 0,
      },
      cycles: 0,
      input: { name: 'picture', rows: rows + 2, columns: columns + 2, channels, border: 1 },
      output: { name: 'negative', rows, columns, channels },
    };
  }

  function startClient(order: CardClientOrder) {
    const child = spawn(process.execPath, ['--expose-gc', clientScript, JSON.stringify(order)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    clients.add(child);
    const ended = once(child, 'exit').finally(() => clients.delete(child));
    return { child, ended, lines: createInterface({ input: child.stdout! })[Symbol.asyncIterator]() };
  }

  /** The card learns of a killed owner a moment later. */
  const open = (epoch: number) =>
    waitFor('the card to be free', () => openCard(base.node, { ...base.options, epoch }).catch(() => undefined));

  for (const depth of [1, 2]) {
    it(`runs 10,000 times, ${depth} at once, with flat memory and not one descriptor more`, async (test) => {
      const { lines, ended } = startClient({ ...base, cycles: 200, runsPerCycle: 50, depth });
      const samples: CycleSample[] = [];
      let counters: Record<string, number> = {};
      for await (const line of { [Symbol.asyncIterator]: () => lines }) {
        const value = JSON.parse(line);
        if ('rss' in value) samples.push(value);
        else counters = value;
      }
      assert.deepEqual(await ended, [0, null]);
      assert.equal(samples.length, 200);
      assert.equal(samples.at(-1)?.wrong, 0);
      assert.deepEqual([counters.runs, counters.failures, counters.inUse], [10_000, 0, 0]);
      assert.equal(samples.at(-1)?.descriptors, samples[1]?.descriptors);
      const { flat, slope, ratio } = memoryTrend(samples.map(({ rss }) => rss));
      const text = `${Math.round(slope)} bytes a cycle, last quarter ${(100 * (ratio - 1)).toFixed(2)} % above the first`;
      test.diagnostic(`resident memory: ${text}`);
      assert.ok(flat, text);
    });
  }

  it('serves the next owner when one was killed in a run, and drops the answer to the dead', async () => {
    const { child, ended, lines } = startClient({ ...base, cycles: 1, runsPerCycle: 10, depth: 1, hang: true });
    await lines.next();
    await card.fault('late', 1_500);
    child.stdin?.write('\n');
    assert.equal(JSON.parse((await lines.next()).value), 'running');
    child.kill('SIGKILL');
    assert.deepEqual(await ended, [null, 'SIGKILL']);
    const next = await open(2);
    try {
      await next.load(network);
      await waitFor('the late answer', async () => (await cardStatus(card.directory)).pending === '0' || undefined);
      const [rows, columns, channels] = SHAPE;
      const input = new Float32Array(rows * columns * channels).fill(3);
      const output = new Float32Array(input.length);
      await next.run(input, output);
      assert.ok(output.every((value) => value === -3));
      assert.equal(next.counters.staleAnswers, 1);
    } finally {
      await next.close();
    }
  });

  it('is lost with a card that is killed in a run, and works with the next', async () => {
    const held = await open(3);
    await card.fault('late', 60_000);
    const given = held.loopback(new Uint8Array(16), new Uint8Array(16), { timeoutMs: 120_000 });
    await waitFor('the request', async () => (await cardStatus(card.directory)).pending === '1' || undefined);
    process.kill(Number(await readFile(join(card.directory, 'lock'), 'utf8')), 'SIGKILL');
    await assert.rejects(given, { name: 'DeviceError', code: 'CARD_LOST', severity: 'lost' });
    await held.close();
    await card.startAgain();
    const next = await open(4);
    const output = Buffer.alloc(4);
    await next.loopback(Buffer.from('echo'), output);
    assert.equal(output.toString(), 'echo');
    await next.close();
  });
});
