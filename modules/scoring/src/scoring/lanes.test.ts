import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Emulator, type EmulatorOptions } from '../device/emulator.js';
import { openPackage } from '../model/open-package.js';
import { LaneChanges } from '../slot/lane-changes.js';
import { Slot } from '../slot/slot.js';
import { WARM_UP_PICTURE } from '../slot/warm-up-frames.js';
import { temporaryDirectory, writeTinyPackage } from '../testing/tiny-package.js';
import { QueueScorer } from './queue-scorer.js';

async function setUp(t: TestContext, options: EmulatorOptions) {
  const base = await temporaryDirectory(t);
  await writeTinyPackage(base);
  const device = new Emulator(options);
  const slot = new Slot({ device, open: (reference) => openPackage(base, reference) });
  const scorer = new QueueScorer({ device, slot });
  t.after(async () => {
    scorer.close();
    await slot.close(0);
    await device.close();
  });
  await slot.aspire({ name: 'tiny' }, 'start');
  return { device, slot, scorer, changes: new LaneChanges(slot, device.laneControl) };
}

/**
 * Workers that answer the warm-up at once, and a frame only when as many of them as `count` hold one each: fewer lanes at
 * work than that never answer.
 */
function meeting(channel: string, count: number): URL {
  const body = `
    import { parentPort, threadId } from 'node:worker_threads';
    const others = new BroadcastChannel(${JSON.stringify(channel)});
    const output = { outputs: [{ name: 'out', shape: [1, 1], data: new Float32Array([1]) }], timings: {} };
    const here = new Set();
    let held;
    const arrive = (id) => {
      here.add(id);
      if (held === undefined || here.size < ${count}) return;
      parentPort.postMessage({ type: 'scored', id: held, output });
      held = undefined;
    };
    others.onmessage = ({ data }) => {
      if (!here.has(data) && held !== undefined) others.postMessage(threadId);
      arrive(data);
    };
    parentPort.on('message', ({ type, id, input }) => {
      if (type === 'stop') process.exit(0);
      if (input.kind === 'images') return parentPort.postMessage({ type: 'scored', id, output });
      held = id;
      others.postMessage(threadId);
      arrive(threadId);
    });
    parentPort.postMessage({ type: 'ready' });
  `;
  return new URL(`data:text/javascript,${encodeURIComponent(body)}`);
}

test('as many frames are in work at once as there are lanes', async (t) => {
  const lanes = { lanes: 3, threads: 1 } as const;
  const worker = meeting(`lanes ${process.pid}`, 3);
  const { device, scorer } = await setUp(t, { lanes, worker, pictureTimeoutMs: 20_000 });
  assert.equal(device.capacity, 3);
  const input = { kind: 'tensor', shape: [1, 224, 224, 3], data: new Float32Array(224 * 224 * 3) } as const;
  const deadline = performance.now() + 60_000;
  const replies = await Promise.all([1, 2, 3].map(() => scorer.score({ input, deadline })));
  assert.equal(replies.length, 3);
});

test('lanes change under load and no call fails', async (t) => {
  const { device, scorer, changes, slot } = await setUp(t, { lanes: { lanes: 1, threads: 1 } });
  let failed = 0;
  let scored = 0;
  let stop = false;
  const client = async () => {
    const input = { kind: 'images', images: [WARM_UP_PICTURE] } as const;
    while (!stop) {
      await scorer.score({ input, deadline: performance.now() + 60_000 }).then(
        () => scored++,
        () => failed++,
      );
    }
  };
  const clients = [client(), client(), client()];
  for (const lanes of [2, 3, 1]) {
    assert.equal(await changes.change({ lanes, threads: 1 }), undefined);
    assert.equal(device.capacity, lanes);
    assert.match(device.info.description, new RegExp(`, ${lanes} lanes? of 1 thread, `));
  }
  stop = true;
  await Promise.all(clients);
  assert.equal(failed, 0);
  assert.ok(scored > 0);
  assert.deepEqual(
    slot.history.map(({ result }) => result),
    ['loaded', 'loaded', 'loaded', 'loaded'],
  );
});
