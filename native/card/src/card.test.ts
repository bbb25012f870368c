import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { buildCard } from './build-card.js';
import { whyNotHere } from './can-run.js';
import { cardFault, cardStatus } from './card-control.js';
import { CardError } from './card-error.js';
import { cardWitness } from './card-witness.js';
import { halfToFloat } from './half.js';
import { type StartedCard, startCard } from './start-card.js';
import { stopCard } from './stop-card.js';
import {
  encode,
  type Firmware,
  firmwarePayload,
  halves,
  imagePayload,
  type Message,
  negatingGraph,
  OPERATION,
  RESULT,
  send,
  sendBytes,
} from './testing.fixture.js';

const run = promisify(execFile);
const works = (command: string) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
const noCompiler = works('g++') && works('make') ? undefined : 'no g++ or no make';
const directory = await mkdtemp(join(tmpdir(), 'edgeslot-card-'));
const skip = whyNotHere() ?? noCompiler ?? (await whyNoMount()) ?? false;

/** What only shows when a card is started: a kernel that was built without passthrough, a sandbox. */
async function whyNoMount(): Promise<string | undefined> {
  try {
    await startCard({ directory });
    await stopCard(directory);
    return undefined;
  } catch (error) {
    if (error instanceof CardError && error.message.startsWith('the virtual card needs')) return error.message;
    throw error;
  }
}

const IMAGE = negatingGraph(2, 3, 2);
const FIRMWARE: Firmware = {
  input: [4, 5, 2],
  border: 1,
  output: [2, 3, 2],
  cycles: 3_000,
  inputName: 'picture',
  outputName: 'negative',
};
const EMPTY = 0;
const READY = 4;

after(() => rm(directory, { recursive: true, force: true }));

describe('the virtual card', { skip }, () => {
  let card: StartedCard;
  before(async () => {
    card = await startCard({ directory });
  });
  after(async () => {
    await stopCard(directory).catch(() => undefined); // none, when starting failed
  });
  const ask = (operation: number, payload?: Uint8Array, argument?: number) =>
    send(card.node, { operation, ...(payload ? { payload } : {}), ...(argument === undefined ? {} : { argument }) });
  const echo = () => ask(OPERATION.loopback, Buffer.from('echo'), 4);

  const reset = async () => run(join(await buildCard(), 'card-reset'), [card.node]);

  async function load(firmware: Firmware = FIRMWARE, image: Uint8Array = IMAGE) {
    const half = Math.floor(image.length / 2);
    assert.equal((await ask(OPERATION.firmware, firmwarePayload(firmware))).result, RESULT.ok);
    assert.equal((await ask(OPERATION.init, imagePayload(image))).result, RESULT.ok);
    assert.equal((await ask(OPERATION.weights, image.subarray(0, half), 0)).result, RESULT.ok);
    return ask(OPERATION.weights, image.subarray(half), half);
  }

  test('answers 200 round trips of a picture and its features to a client in plain C', async () => {
    const { stdout } = await run(join(await buildCard(), 'card-client'), [card.node, '200']);
    assert.match(stdout, /^200 round trips of 317400 in and 200704 out, 0 wrong,/);
    assert.equal((await cardStatus(directory)).slotsOwned, '0');
  });

  test('says that it is no hardware, wherever it can', async () => {
    assert.equal(card.status.kind, 'virtual-card');
    const { payload } = await ask(OPERATION.status);
    assert.match(payload.toString('latin1', 64), /^virtual-card: no hardware/);
    assert.equal(await readFile(join(card.sysfsDir, 'catapult0/board_id'), 'utf8'), 'virtual-card\n');
    assert.equal(await readFile(join(card.sysfsDir, 'catapult0/function_type'), 'utf8'), 'role\n');
  });

  test('demands the order firmware, init, weights, execute', async () => {
    const { execute, init, weights, firmware } = OPERATION;
    assert.equal((await ask(execute, halves([1]))).result, RESULT.outOfOrder);
    assert.equal((await ask(init, imagePayload(IMAGE))).result, RESULT.outOfOrder);
    assert.equal((await ask(weights, IMAGE, 0)).result, RESULT.outOfOrder);
    assert.equal((await ask(firmware, firmwarePayload(FIRMWARE))).result, RESULT.ok);
    assert.equal((await ask(weights, IMAGE, 0)).result, RESULT.outOfOrder);
    assert.equal((await ask(init, imagePayload(IMAGE))).result, RESULT.ok);
    assert.equal((await ask(weights, IMAGE, 16)).result, RESULT.outOfOrder, 'parts come one after the other');
    assert.equal((await ask(weights, Buffer.concat([IMAGE, IMAGE]), 0)).result, RESULT.badSize);
    assert.equal((await ask(execute, halves([1]))).result, RESULT.outOfOrder);
    assert.equal((await ask(OPERATION.unload)).state, EMPTY);
  });

  test('refuses firmware that it is too small for, and messages that are not whole', async () => {
    const needs = [128, 2, 128, 9075, 12101, 422, 1461];
    const tooLarge = await ask(OPERATION.firmware, firmwarePayload({ ...FIRMWARE, needs }));
    assert.equal(tooLarge.result, RESULT.incompatible);
    const huge = await ask(OPERATION.firmware, firmwarePayload({ ...FIRMWARE, output: [60_000, 60_000, 60_000] }));
    assert.equal(huge.result, RESULT.incompatible);
    const message = encode({ operation: OPERATION.status, payload: Buffer.alloc(40) });
    const [short] = await sendBytes(card.node, message.subarray(0, 80));
    assert.equal(short?.result, RESULT.badSize);
    const [long] = await sendBytes(card.node, Buffer.concat([message, Buffer.alloc(16)]));
    assert.equal(long?.result, RESULT.badSize);
    message.writeUInt16LE(9, 4);
    const [otherVersion] = await sendBytes(card.node, message);
    assert.equal(otherVersion?.result, RESULT.badMessage);
  });

  test('holds one network for all processes, and computes it in halves at its edges', async () => {
    const loaded = await load();
    assert.deepEqual([loaded.result, loaded.state], [RESULT.ok, READY]);
    const modelled = 50e6 + Math.floor(IMAGE.length / 3) + 0.2e6 * 4;
    assert.equal(loaded.modelledNs, modelled);
    assert.equal((await ask(OPERATION.firmware, firmwarePayload(FIRMWARE))).result, RESULT.occupied);

    const picture = Array.from({ length: 4 * 5 * 2 }, (_, at) => at / 10);
    const ran = await ask(OPERATION.execute, halves(picture));
    assert.equal(ran.result, RESULT.ok);
    assert.equal(ran.modelledNs, 15_800, '3,000 cycles of 300 MHz, times 1.58');
    const inner = [12, 13, 14, 15, 16, 17, 22, 23, 24, 25, 26, 27];
    assert.deepEqual(ran.payload, Buffer.from(halves(inner.map((at) => -at / 10))));
    assert.equal((await ask(OPERATION.execute, halves(picture.slice(1)))).result, RESULT.badSize);
    assert.equal((await ask(OPERATION.unload)).state, EMPTY);

    const turned = await load({ ...FIRMWARE, outputName: 'turned', interleaved: true });
    assert.equal(turned.result, RESULT.ok);
    const blocks = await ask(OPERATION.execute, halves(picture));
    assert.equal(blocks.payload.length, 2 * 3 * 128 * 2, 'blocks of 128 channels');
    const values = inner.map((_, at) => halfToFloat(blocks.payload.readUInt16LE(2 * ((at >> 1) * 128 + (at % 2)))));
    assert.deepEqual(halves(values), halves(inner.map((at) => -at / 10)));
    await ask(OPERATION.unload);
  });

  test('refuses an image that is not the announced one or no network, and is empty afterwards', async () => {
    const other = Buffer.from(IMAGE);
    other[other.length - 1]! ^= 1;
    assert.equal((await ask(OPERATION.firmware, firmwarePayload(FIRMWARE))).result, RESULT.ok);
    assert.equal((await ask(OPERATION.init, imagePayload(IMAGE))).result, RESULT.ok);
    const refused = await ask(OPERATION.weights, other, 0);
    assert.deepEqual([refused.result, refused.state], [RESULT.badImage, EMPTY]);
    assert.equal((await load(FIRMWARE, Buffer.from('no network'))).result, RESULT.badImage);
    assert.equal((await load({ ...FIRMWARE, outputName: 'missing' })).result, RESULT.badImage);
    assert.equal((await load({ ...FIRMWARE, output: [2, 3, 3] })).result, RESULT.badImage);
  });

  test('a reset of the role forgets the network', async () => {
    assert.equal((await load()).state, READY);
    await reset();
    const { result, state } = await ask(OPERATION.execute, halves([1]));
    assert.deepEqual([result, state], [RESULT.outOfOrder, EMPTY]);
  });

  test('calls of the driver fail as they are asked to', async () => {
    await cardFault(directory, ['enospc']);
    await assert.rejects(echo(), /ACQUIRE_SLOT: No space left on device/);
    await cardFault(directory, ['eacces']);
    await assert.rejects(echo(), /ACQUIRE_SLOT: Permission denied/);
    await cardFault(directory, ['eintr', '3']);
    assert.equal((await echo()).result, RESULT.ok, 'a client asks again');
    assert.equal((await cardStatus(directory)).faults, 'none');
    await assert.rejects(cardFault(directory, ['nonsense']), { name: 'CardError', message: /unknown fault/ });
  });

  test('requests time out, stop the processor, or are answered by a stranger first', async () => {
    const message = encode({ operation: OPERATION.loopback, id: 7n << 32n, argument: 4, payload: Buffer.from('echo') });
    await cardFault(directory, ['timeout']);
    assert.deepEqual(await sendBytes(card.node, message, { timeoutMs: 50 }), []);
    await cardFault(directory, ['stale']);
    const both = await sendBytes(card.node, message, { answers: 2 });
    assert.deepEqual(
      both.map(({ id }) => id),
      [6n << 32n, 7n << 32n],
    );
    await cardFault(directory, ['late', '100']);
    const [late] = await sendBytes(card.node, message);
    assert.equal(late?.payload.toString(), 'echo');
    await cardFault(directory, ['exception']);
    assert.equal((await echo()).result, RESULT.exception);
    assert.equal((await echo()).result, RESULT.exception, 'until it is reset');
    await reset();
    assert.equal((await echo()).result, RESULT.ok);
  });

  test('an owner that is killed gives its slot back; its answer still comes, and is known by its request id', async () => {
    const until = async (field: string, value: string) => {
      for (let left = 500; (await cardStatus(directory))[field] !== value; left--) {
        assert.ok(left > 0, `${field} is not ${value}`);
        await sleep(10);
      }
    };
    await cardFault(directory, ['late', '700']);
    const dead = { operation: OPERATION.loopback, id: 3n << 32n, argument: 4, payload: Buffer.from('dead') };
    const owner = spawn(join(await buildCard(), 'card-send'), [card.node, '10000']);
    owner.stdin.end(encode(dead));
    await until('pending', '1');
    owner.kill('SIGKILL');
    await until('slotsOwned', '0');
    const both = await sendBytes(card.node, encode({ ...dead, id: 4n << 32n, payload: Buffer.from('next') }), {
      answers: 2,
    });
    const texts = both.map(({ id, payload }) => `${id >> 32n} ${payload}`);
    assert.deepEqual(texts.sort(), ['3 dead', '4 next']);
  });

  test('a card that is gone, or too hot, answers nothing', async () => {
    const message = encode({ operation: OPERATION.status });
    for (const fault of [
      ['gone', '1'],
      ['temperature', '100'],
    ]) {
      await cardFault(directory, fault);
      assert.deepEqual(await sendBytes(card.node, message, { timeoutMs: 50 }), []);
      await cardFault(directory, ['clear']);
    }
    await cardFault(directory, ['temperature', '96']);
    await cardFault(directory, ['ecc', '5']);
    assert.equal(await readFile(join(card.sysfsDir, 'catapult0/temperature'), 'utf8'), '96 C\n');
    const { payload } = await ask(OPERATION.health);
    assert.deepEqual([payload.readUInt32LE(0), payload.readInt32LE(4), payload.readUInt32LE(8)], [2, 96_000, 5]);
    await cardFault(directory, ['clear']);
  });

  test('loses its network with the process that computes, and takes another', async () => {
    await load();
    await cardFault(directory, ['compute']);
    for (let left = 100; (await cardStatus(directory)).state !== 'empty'; left--) assert.ok(left > 0, 'still loaded');
    assert.equal((await ask(OPERATION.execute, halves([1]))).result, RESULT.outOfOrder);
    assert.equal((await load()).state, READY);
  });

  test('dies at once, which its node tells, and starts anew in the same place', async () => {
    await assert.rejects(startCard({ directory }), { name: 'CardError', message: /runs in this directory already/ });
    await cardFault(directory, ['death']);
    await assert.rejects(echo(), /Transport endpoint is not connected/);
    await assert.rejects(cardStatus(directory), { name: 'CardError', message: /no virtual card runs/ });
    card = await startCard({ directory, slots: 2, bytesPerSlot: 65_536 });
    assert.deepEqual([card.status.state, card.status.slots, card.status.bytesPerSlot], ['empty', '2', '65536']);
    assert.equal((await echo()).payload.toString(), 'echo');
  });

  test('is a witness of who loaded and ran when, and of an owner that goes on after its successor came', async () => {
    assert.deepEqual((await cardWitness(directory)).entries.map(({ deed }) => deed).slice(0, 1), ['acquire']);
    const before = Date.now();
    const by = (epoch: bigint, message: Message) =>
      send(card.node, { id: epoch << 32n, ...message }).then(({ result }) => result);
    await by(5n, { operation: OPERATION.firmware, payload: firmwarePayload(FIRMWARE) });
    await by(5n, { operation: OPERATION.init, payload: imagePayload(IMAGE) });
    await by(5n, { operation: OPERATION.weights, payload: IMAGE });
    const execute = { operation: OPERATION.execute, payload: halves(new Array(4 * 5 * 2).fill(1)) };
    for (const epoch of [5n, 6n, 5n]) assert.equal(await by(epoch, execute), RESULT.ok);
    await reset();
    const { highestEpoch, overlaps, foreignRuns, forgotten, entries } = await cardWitness(directory);
    assert.deepEqual({ highestEpoch, overlaps, foreignRuns }, { highestEpoch: 6, overlaps: 1, foreignRuns: 1 });
    assert.equal(forgotten, 0);
    const deeds = entries.filter(({ epoch, deed }) => epoch !== undefined || deed === 'reset');
    assert.deepEqual(deeds.map(({ deed, epoch = '' }) => `${deed} ${epoch}`.trim()).slice(-7), [
      'load 5',
      'load 5',
      'load 5',
      'execute 5',
      'execute 6',
      'execute 5',
      'reset',
    ]);
    assert.ok(deeds.slice(-7, -1).every(({ process, times }) => process > 0 && times === 1));
    assert.ok(deeds.slice(-7).every(({ firstMs, lastMs }) => firstMs >= before && lastMs >= firstMs));
  });

  test('can have a management function, which takes no requests, and other sizes of slots', async () => {
    const other = await mkdtemp(join(tmpdir(), 'edgeslot-card-two-'));
    try {
      const two = await startCard({ directory: other, management: true, slots: 256, bytesPerSlot: 8_192 });
      const types = ['catapult0', 'catapult1'].map((name) =>
        readFile(join(two.sysfsDir, name, 'function_type'), 'utf8'),
      );
      assert.deepEqual(await Promise.all(types), ['management\n', 'role\n']);
      assert.equal(two.node, join(two.devDir, 'catapult1'));
      const message = encode({ operation: OPERATION.loopback, argument: 8_128, payload: Buffer.alloc(8_128, 7) });
      const [answer] = await sendBytes(two.node, message);
      assert.deepEqual(answer?.payload, Buffer.alloc(8_128, 7));
      await assert.rejects(sendBytes(join(two.devDir, 'catapult0'), message), /ACQUIRE_SLOT: Invalid argument/);
    } finally {
      await stopCard(other).catch(() => undefined);
      await rm(other, { recursive: true, force: true });
    }
  });

  test('ends by itself when its directory is cleared away, and leaves no mount', async () => {
    await rm(join(directory, 'control'));
    for (let left = 500; existsSync(join(directory, 'lock')); left--) {
      assert.ok(left > 0, 'still runs');
      await sleep(10);
    }
    assert.ok(!(await readFile('/proc/mounts', 'utf8')).includes(directory));
  });
});
