import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { CardError, cardFault, startCard, stopCard, whyNotHere } from '@edgeslot/card';
import { negatingGraph } from '@edgeslot/card/testing';
import { loadAddon } from './addon.js';
import type { Card, CardNetwork } from './card.js';
import { DeviceError } from './device-error.js';
import { openCard } from './open-card.js';
import { LibraryFolder } from './testing.fixture.js';

const index = new URL('./index.js', import.meta.url).href;
const directory = await mkdtemp(join(tmpdir(), 'edgeslot-card-'));
const options = { sysfs: join(directory, 'sys/catapult0'), epoch: 7 };
const node = join(directory, 'dev/catapult0');
const skip = (await whyNoCard()) ?? false;

/** Starts it, where it can be started. */
async function whyNoCard(): Promise<string | undefined> {
  const works = (command: string) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
  if (!('addon' in loadAddon())) return 'the native addon is not built';
  if (!works('g++') || !works('make')) return 'no g++ or no make';
  try {
    if (whyNotHere() === undefined) await startCard({ directory });
    return whyNotHere();
  } catch (error) {
    if (error instanceof CardError && error.message.startsWith('the virtual card needs')) return error.message;
    throw error;
  }
}

/** The driver frees the slots of an owner that ended when it learns of it, which may be a moment later. */
async function open(): Promise<Card> {
  for (let left = 100; ; left--) {
    try {
      return await openCard(node, options);
    } catch (error) {
      if (!(error instanceof DeviceError && error.status === 'BUSY') || left === 0) throw error;
      await sleep(20);
    }
  }
}

async function echo(card: Card, text = 'echo', more: { signal?: AbortSignal; timeoutMs?: number } = {}) {
  const output = Buffer.alloc(text.length);
  await card.loopback(Buffer.from(text), output, more);
  return output.toString();
}

after(() => rm(directory, { recursive: true, force: true }));

describe('a card by its node, on the virtual card', { skip }, () => {
  let folder: LibraryFolder;
  let network: CardNetwork;
  let card: Card | undefined;
  before(async () => {
    folder = await LibraryFolder.make();
    network = await folder.network(negatingGraph(2, 3, 2), {
      input: { name: 'picture', rows: 4, columns: 5, channels: 2, border: 1 },
      output: { name: 'negative', rows: 2, columns: 3, channels: 2 },
    });
  });
  afterEach(async () => {
    await card?.close();
    card = undefined;
    await cardFault(directory, ['clear']).catch(() => undefined); // it may be dead
  });
  after(async () => {
    await folder.remove();
    await stopCard(directory).catch(() => undefined);
  });
  const opened = async () => {
    card = await open();
    return card;
  };
  const until = async (holds: () => boolean | Promise<boolean>) => {
    for (let left = 500; !(await holds()); left--) {
      assert.ok(left > 0, `${holds} never came true`);
      await sleep(10);
    }
  };

  it('tells what it is', async () => {
    const { info, health, status } = methods(await opened());
    assert.deepEqual(
      [info.path, info.kind, info.driver, info.functionType],
      [node, 'virtual-card', '5.1.4.12', 'role'],
    );
    assert.deepEqual([info.slots, info.bytesPerSlot, info.boardId], [2, 1_048_576, 'virtual-card']);
    assert.deepEqual(health(), { severity: 'ok', temperature: 52, memoryErrors: 0, text: 'ok' });
    assert.match((await status()).text, /^virtual-card: no hardware/);
  });

  it('runs a network, and is empty when a load was given up or refused', async () => {
    const { load, run, status, unload } = methods(await opened());
    const abort = new AbortController();
    const given = load(network, { signal: abort.signal });
    await until(() => card?.counters.inUse === 1);
    abort.abort(new Error('another model is wanted'));
    await assert.rejects(given, /another model is wanted/);
    assert.equal((await status()).state, 'empty');
    const sha256 = '0'.repeat(64);
    await assert.rejects(load({ ...network, sha256 }), { code: 'CARD_INVALID', message: /weights: BAD_IMAGE/ });
    const needs = { ...network.needs, initialVectors: 12_101 };
    await assert.rejects(load({ ...network, needs }), { code: 'CARD_INCOMPATIBLE', message: /firmware: INCOMPATIBLE/ });
    assert.equal((await status()).state, 'empty');

    const { modelledMs, requests, bytes } = await load(network);
    assert.deepEqual([requests, bytes], [3, network.bytes]);
    assert.ok(Math.abs(modelledMs! - (50 + 3 * 0.2)) < 0.01, `${modelledMs}`);
    const [input, output] = [Float32Array.from({ length: 12 }, (_, at) => at / 4), new Float32Array(12)];
    const { modelledNs, measuredNs } = await run(input, output);
    assert.deepEqual(
      output,
      input.map((value) => -value),
    );
    assert.equal(modelledNs, 15_800, '3,000 cycles of 300 MHz, times 1.58');
    assert.ok(measuredNs! > 0);
    await unload();
    assert.equal((await status()).state, 'empty');
  });

  it('fails until it is reset after a timeout or an exception', async () => {
    const { reset } = methods(await opened());
    for (const [fault, code] of [
      ['timeout', 'CARD_TIMEOUT'],
      ['exception', 'CARD_FAULT'],
    ] as const) {
      await cardFault(directory, [fault]);
      await assert.rejects(echo(card!, 'echo', { timeoutMs: 100 }), { code, severity: 'reset' });
      await assert.rejects(echo(card!), { code: 'CARD_FAULT', message: /failed and was not reset/ });
      await reset();
      assert.equal(await echo(card!), 'echo');
    }
    assert.deepEqual([card?.counters.resets, card?.counters.failures], [2, 2]);
  });

  it('drops an answer of another owner, and one that was given up', async () => {
    await opened();
    await cardFault(directory, ['stale']);
    assert.equal(await echo(card!), 'echo');
    assert.equal(card?.counters.staleAnswers, 1);
    await cardFault(directory, ['late', '100']);
    const abort = new AbortController();
    const given = echo(card!, 'dead', { signal: abort.signal });
    abort.abort();
    await assert.rejects(given, { name: 'AbortError' });
    assert.equal(card?.counters.inUse, 1, 'its slot is the card’s until it answers');
    assert.equal(await echo(card!), 'echo');
    await until(() => card?.counters.inUse === 0);
  });

  it('ends what is under way with close, in every thread', async () => {
    await opened();
    await cardFault(directory, ['late', '60000', '2']);
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      import(workerData.index).then(async ({ attachCard }) => {
        const card = attachCard(workerData.token);
        const given = card.loopback(new Uint8Array(4), new Uint8Array(4));
        parentPort.postMessage('asked');
        await given.catch((error) => parentPort.postMessage(error.code));
      });`;
    const worker = new Worker(code, { eval: true, workerData: { index, token: card?.token } });
    assert.deepEqual(await once(worker, 'message'), ['asked']);
    const closed = assert.rejects(echo(card!), { code: 'CARD_CANCELLED' });
    const [[answer]] = await Promise.all([once(worker, 'message'), card?.close(), closed]);
    assert.equal(answer, 'CARD_CANCELLED');
    await worker.terminate();
    await assert.rejects(echo(card!), { code: 'CARD_CANCELLED', message: `${node} is closed` });
  });

  it('is free when its owner ended in a run: a worker thread, a process that exits, one that is killed', async () => {
    const code = `
      import { openCard } from ${JSON.stringify(index)};
      const card = await openCard(${JSON.stringify(node)}, ${JSON.stringify({ ...options, epoch: 6 })});
      card.loopback(new Uint8Array(4), new Uint8Array(4)).catch(() => {});`;
    for (const end of ['process.exit(0)', 'process.kill(process.pid, "SIGKILL")']) {
      await cardFault(directory, ['late', '300']);
      const child = spawn(process.execPath, ['--input-type=module', '-e', `${code}${end};`], { stdio: 'inherit' });
      const [status, signal] = await once(child, 'exit');
      assert.deepEqual([status, signal], end.includes('exit') ? [0, null] : [null, 'SIGKILL']);
    }
    await cardFault(directory, ['late', '300']);
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(`${code}process.exit(3);`)}`));
    assert.deepEqual(await once(worker, 'exit'), [3]);
    await opened();
    assert.equal(await echo(card!), 'echo');
  });

  it('refuses the management function, and is lost with the card', async () => {
    const other = await mkdtemp(join(tmpdir(), 'edgeslot-card-'));
    try {
      await startCard({ directory: other, management: true });
      const management = openCard(join(other, 'dev/catapult0'), { sysfs: join(other, 'sys/catapult0') });
      const message = /catapult0 is not the role function, which runs the models, but: management$/;
      await assert.rejects(management, { code: 'CARD_INCOMPATIBLE', message });
      card = await openCard(join(other, 'dev/catapult1'), { sysfs: join(other, 'sys/catapult1') });
      assert.equal(await echo(card), 'echo');
      await cardFault(other, ['death']);
      await assert.rejects(echo(card), { code: 'CARD_LOST', severity: 'lost', message: /WAIT_SLOT_EVENT: ENOTCONN/ });
      await assert.rejects(card.reset(), { code: 'CARD_LOST' });
      await card.close();
      await startCard({ directory: other }); // clears away what the dead one has left mounted
    } finally {
      await stopCard(other).catch(() => undefined);
      await rm(other, { recursive: true, force: true });
    }
  });
});

/** The methods of a card as plain functions. */
function methods(card: Card) {
  return {
    info: card.info,
    health: card.health.bind(card),
    status: card.status.bind(card),
    load: card.load.bind(card),
    unload: card.unload.bind(card),
    run: card.run.bind(card),
    reset: card.reset.bind(card),
  };
}
