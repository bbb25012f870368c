import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, readFile } from 'node:fs/promises';
import { after, afterEach, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { loadAddon } from './addon.js';
import type { Card, CardNetwork } from './card.js';
import { attachCard, openCard } from './open-card.js';
import { LibraryFolder, noLibrary } from './testing.fixture.js';

const loaded = loadAddon();
const skip = noLibrary ?? ('addon' in loaded ? false : 'the native addon is not built');
const index = new URL('./index.js', import.meta.url).href;
const driverOwner = process.getuid?.() ?? 0;

const picture = () => Float32Array.from({ length: 32 }, (_, at) => at / 3 - 5);
const features = () => new Float32Array(32);

describe('a card by a library', { skip }, () => {
  let folder: LibraryFolder;
  let echo: string;
  let network: CardNetwork;
  let card: Card | undefined;
  before(async () => {
    folder = await LibraryFolder.make();
    echo = await folder.library('echo.so');
    network = await folder.echoNetwork();
  });
  afterEach(async () => {
    await card?.close();
    card = undefined;
  });
  after(() => folder.remove());

  const open = (driverLibrary = echo) => openCard('echo0', { driverLibrary, driverOwner });
  const opened = async () => {
    card = await open();
    return card;
  };

  it('tells which library drives it, and that no hardware does', async () => {
    const { info, capacity } = await opened();
    const { path, sha256, name, version } = info.library ?? {};
    assert.deepEqual([path, name, version], [echo, 'echo', '1.0.0']);
    assert.match(sha256 ?? '', /^[0-9a-f]{64}$/);
    assert.deepEqual([info.path, info.kind, info.slots, capacity], ['echo0', 'virtual-card', 2, 2]);
    assert.deepEqual(card?.health(), {
      severity: 'ok',
      memoryErrors: 0,
      text: 'ok, as far as is known: the library tells nothing',
    });
  });

  it('runs a network: float32 in and out, halves between', async () => {
    const { load, run, unload } = bound(await opened());
    const report = await load(network);
    assert.deepEqual([report.bytes, report.requests, report.modelledMs], [7, 1, undefined]);
    const [input, output] = [picture(), features()];
    await run(input, output);
    output.forEach((value, at) => {
      assert.ok(Math.abs(value - input[at]!) <= 2 ** -9, `${at}: ${value}`);
    });
    assert.deepEqual(output.slice(15, 16), new Float32Array([0]));
    await assert.rejects(load(network), { name: 'DeviceError', code: 'CARD_BUSY', retriable: true });
    await unload();
    await unload();
    await assert.rejects(run(input, output), {
      code: 'CARD_INVALID',
      severity: 'request',
      message: /holds no network/,
    });
    await load(network);
    await run(input, output);
    assert.equal(card?.counters.runs, 2);
  });

  it('is empty and well after a reset', async () => {
    const { load, run, reset } = bound(await opened());
    await load(network);
    await reset();
    await assert.rejects(run(picture(), features()), /echo0 holds no network/);
    await load(network);
    await run(picture(), features());
    assert.equal(card?.counters.resets, 1);
  });

  it('lets as many wait as run, and refuses more', async () => {
    const { load, run } = bound(await opened());
    await load(network);
    const runs = Array.from({ length: 5 }, () => run(picture(), features()));
    assert.deepEqual([card?.counters.inUse, card?.counters.waiting], [2, 2]);
    const ends = await Promise.allSettled(runs);
    assert.deepEqual(
      ends.map((end) => (end.status === 'rejected' ? end.reason.code : 'ran')),
      ['ran', 'ran', 'ran', 'ran', 'CARD_AGAIN'],
    );
    assert.deepEqual([card?.counters.inUse, card?.counters.waiting], [0, 0]);
  });

  it('refuses wrong arguments by name', async () => {
    const { load, run, loopback, status } = bound(await opened());
    await load(network);
    const wrong = (value: unknown) => value as Float32Array;
    await assert.rejects(run(wrong([1]), features()), { name: 'TypeError', message: 'input: expected a Float32Array' });
    await assert.rejects(run(picture(), wrong(new Uint8Array(32))), /^TypeError: output: expected a Float32Array$/);
    await assert.rejects(run(new Float32Array(31), features()), /input: expected 32 numbers, found 31/);
    await assert.rejects(run(picture(), new Float32Array(33)), /output: expected 32 numbers, found 33/);
    await assert.rejects(run(picture(), features(), { timeoutMs: -1 }), /timeoutMs: expected a whole number from 0/);
    await assert.rejects(loopback(new Uint8Array(4), new Uint8Array(4)), { code: 'CARD_NOT_SUPPORTED' });
    await assert.rejects(loopback(new Uint8Array(0), new Uint8Array(4)), /input: expected at least one byte/);
    await assert.rejects(status(), { code: 'CARD_NOT_SUPPORTED' });
    await bound(card!).unload();
    await assert.rejects(load({ ...network, sha256: 'abc' }), /network.sha256: expected 64 hexadecimal digits/);
    const input = { ...network.input, border: 1 };
    await assert.rejects(load({ ...network, input }), /network.input.border: expected less than half of rows/);
    await assert.rejects(
      load({ ...network, output: { ...network.output, name: '' } }),
      /network.output.name: expected 1/,
    );
    await assert.rejects(load({ ...network, output: { ...network.output, rows: 2 } }), {
      code: 'CARD_INCOMPATIBLE',
      message: /output: expected 128 bytes, a plain tensor of 2x1x32, found 64 bytes/,
    });
    await assert.rejects(load({ ...network, bytes: 8 }), /expected 8 bytes, found 7/);
    await assert.rejects(load({ ...network, path: `${network.path}.gone` }), /opening .*gone: ENOENT/);
    await load(network); // each of them left the card empty
  });

  it('is one, whoever asks for it', async () => {
    await opened();
    await assert.rejects(open(), { code: 'CARD_BUSY', message: /echo0 is already open in this process/ });
    await card?.close();
    await card?.close();
    const again = await open();
    await again.close();
    await assert.rejects(again.run(picture(), features()), { code: 'CARD_CANCELLED', message: 'echo0 is closed' });
    assert.throws(() => again.health(), { code: 'CARD_CANCELLED' });
    assert.throws(() => attachCard(again.token), { code: 'CARD_CANCELLED' });
  });

  it('gives a request up with its signal', async () => {
    const { load, run } = bound(await opened());
    await load(network);
    await assert.rejects(run(picture(), features(), { signal: AbortSignal.abort() }), { name: 'AbortError' });
    const abort = new AbortController();
    const given = run(picture(), features(), { signal: abort.signal });
    abort.abort(new Error('no longer of interest'));
    await assert.rejects(given, /no longer of interest/);
    await run(picture(), features());
  });

  it('serves worker threads, which keep nothing when they end', async () => {
    const { load, run } = bound(await opened());
    await load(network);
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      import(workerData.index).then(async ({ attachCard }) => {
        const card = attachCard(workerData.token);
        const output = new Float32Array(32);
        for (let left = 50; left > 0; left--) await card.run(new Float32Array(32).fill(left), output);
        if (workerData.close) await card.close();
        else card.run(output, output); // the thread ends with it
        parentPort.postMessage(output[31]);
        if (!workerData.close) process.exit();
      });`;
    const inWorker = (close: boolean) =>
      new Promise<number>((resolve, reject) => {
        const worker = new Worker(code, { eval: true, workerData: { index, token: card?.token, close } });
        let answer = Number.NaN;
        worker.once('message', (value) => {
          answer = value;
        });
        worker.once('error', reject).once('exit', () => resolve(answer));
      });
    assert.deepEqual(await Promise.all([inWorker(true), inWorker(false), inWorker(true)]), [1, 1, 1]);
    await run(picture(), features());
    assert.equal(card?.counters.inUse, 0);
  });

  // An emulator of another processor starts no process of that processor.
  const noProcesses = process.env.EDGESLOT_NO_CHILD_PROCESSES ? 'no child process can be started here' : false;
  it('is closed with the process, whatever runs', { skip: noProcesses }, async () => {
    const ends = {
      exit: 'card.run(input, output); process.exit(0);',
      'nothing more to do': 'await card.run(input, output);',
      'nobody who remembers it': 'card.run(input, output); card = undefined; gc();',
      'an error that nobody handles': 'card.run(input, output); process.exitCode = 1; throw new Error("expected");',
    };
    const outcomes = Object.entries(ends).map(async ([name, end]) => {
      const code = `
        import { openCard } from ${JSON.stringify(index)};
        let card = await openCard('echo0', ${JSON.stringify({ driverLibrary: echo, driverOwner })});
        const [input, output] = [new Float32Array(32), new Float32Array(32)];
        await card.load(${JSON.stringify(network)});
        for (let left = 20; left > 0; left--) await card.run(input, output);
        ${end}`;
      const child = promisify(execFile)(process.execPath, ['--expose-gc', '--input-type=module', '-e', code]);
      const { code: status = 0, signal = null } = await child.then(
        () => ({}) as { code?: number; signal?: string },
        (error) => error,
      );
      return `${name}: ${status} ${signal}`;
    });
    assert.deepEqual(await Promise.all(outcomes), [
      'exit: 0 null',
      'nothing more to do: 0 null',
      'nobody who remembers it: 0 null',
      'an error that nobody handles: 1 null',
    ]);
  });

  it('refuses a library that it cannot trust, or that does not fit', async () => {
    const refused = async (library: string, code: string, message: RegExp) =>
      assert.rejects(open(library), { name: 'DeviceError', code, message });
    await refused('echo.so', 'CARD_INVALID', /expected an absolute path, found echo.so/);
    await refused('/nowhere/echo.so', 'CARD_NO_DEVICE', /ENOENT/);
    await refused(network.path, 'CARD_INCOMPATIBLE', /driver library: .*\.onnx/);
    const nameless = await folder.library('nameless.so', 'ECHO_SYMBOL=another_symbol');
    await refused(nameless, 'CARD_INCOMPATIBLE', /does not export edgeslot_driver_query/);
    const other = await folder.library('other.so', 'ECHO_MAJOR=2');
    await refused(other, 'CARD_INCOMPATIBLE', /table version 2.0: expected major version 1/);
    const short = await folder.library('short.so', 'ECHO_SIZE=96');
    await refused(short, 'CARD_INCOMPATIBLE', /table of 96 bytes lacks functions/);
    await chmod(short, 0o666);
    await refused(short, 'CARD_ACCESS', /writable by group or others/);
    await assert.rejects(openCard('catapult7', { driverLibrary: echo, driverOwner }), {
      code: 'CARD_NO_DEVICE',
      message: /echo knows no card catapult7, only: echo0/,
    });
  });

  it('is not there without the addon', async () => {
    const none = () => ({ error: 'edgeslot.node: no such file' });
    await assert.rejects(openCard('echo0', {}, none), {
      code: 'CARD_NOT_SUPPORTED',
      message: /not built: edgeslot.node/,
    });
    const old = () => ({ addon: { probe: async () => [] } });
    assert.throws(() => attachCard(1, old), { code: 'CARD_NOT_SUPPORTED', message: /built before it did/ });
  });

  it('holds no file or mapping when it is closed', async () => {
    const maps = async () =>
      (await readFile('/proc/self/maps', 'utf8')).split('\n').filter((line) => line.includes('.onnx'));
    await (await opened()).load(network);
    assert.deepEqual(await maps(), []);
  });
});

/** The methods of a card as plain functions. */
function bound(card: Card) {
  return {
    load: card.load.bind(card),
    unload: card.unload.bind(card),
    run: card.run.bind(card),
    reset: card.reset.bind(card),
    status: card.status.bind(card),
    loopback: card.loopback.bind(card),
  };
}
