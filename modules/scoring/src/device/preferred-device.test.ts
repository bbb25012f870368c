import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { scoringError } from '../errors.js';
import { FakeDevice, fakePackage } from '../testing/fake-device.js';
import type { CardDevice } from './candidate.js';
import type { CardReport, DeviceInfo } from './device.js';
import { PreferredDevice, type PreferredDeviceOptions } from './preferred-device.js';

const LOOK = { initialMs: 1000, maxMs: 4000, stableMs: 60_000 };
const MODEL = fakePackage('belt');

class FakeCardDevice extends FakeDevice implements CardDevice {
  readonly path = '/dev/catapult0';
  override readonly info: DeviceInfo = { kind: 'virtual-card', description: 'fake card', lanes: 1, threadsPerLane: 1 };
  readonly report: CardReport = { path: this.path, identity: {}, failures: 0, resets: 0, staleAnswers: 0 };
  /** Why it cannot be used; none when it is well. */
  illness: string | undefined;
  looks = 0;
  override onLoad = async () => this.#check();

  async tryOut(): Promise<void> {
    this.looks++;
    this.#check();
  }

  #check(): void {
    if (this.illness !== undefined) throw scoringError('DEVICE_REFUSED', this.path, this.illness);
  }
}

function setUp(t: TestContext, options: Partial<PreferredDeviceOptions> = {}, failing?: string) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const card = new FakeCardDevice();
  const emulator = new FakeDevice();
  let now = 0;
  const device = new PreferredDevice({
    cards: [{ device: card, reason: 'the card', ...(failing !== undefined && { failing }) }],
    emulator,
    look: LOOK,
    clock: () => now,
    ...options,
  });
  const events: string[] = [];
  device.onLost(() => events.push('lost'));
  device.onReturn(() => events.push('return'));
  const selection = device.selection();
  selection.onChange?.(() => events.push(`now ${device.info.kind}`));
  const pass = async (ms: number) => {
    now += ms;
    t.mock.timers.tick(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { device, card, emulator, events, selection, pass };
}

test('the card comes first, and says why', async (t) => {
  const { device, card, emulator, selection } = setUp(t);
  assert.deepEqual([device.info.kind, selection.reason, selection.rejected], ['virtual-card', 'the card', []]);
  await device.load(MODEL);
  assert.deepEqual([card.held, emulator.held], ['belt:1', undefined]);
  await assert.rejects(device.load(MODEL), { code: 'DEVICE_BUSY' });
});

test('a card that does not take the model leaves it to the emulator, is looked at ever more seldom, and gets it back', async (t) => {
  const { device, card, emulator, events, selection, pass } = setUp(t);
  card.illness = 'BUSY: held by another process';
  await device.load(MODEL);
  assert.equal(emulator.held, 'belt:1');
  assert.match(selection.reason, /catapult0 cannot be used: BUSY/);
  assert.deepEqual(
    selection.rejected.map(({ kind, path }) => [kind, path]),
    [['virtual-card', '/dev/catapult0']],
  );
  const looks: number[] = [];
  for (let second = 0; second < 12; second++) {
    await pass(1000);
    looks.push(card.looks);
  }
  assert.deepEqual(looks, [1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4], 'after 1, 2, 4, 4 seconds');
  card.illness = 'too hot';
  await pass(4000);
  assert.match(selection.reason, /too hot/);
  card.illness = undefined;
  await pass(4000);
  assert.deepEqual(events, ['now emulator', 'now emulator', 'return']);
  await device.unload();
  await device.load(MODEL);
  assert.deepEqual([card.held, device.info.kind, selection.reason], ['belt:1', 'virtual-card', 'the card']);
  await pass(60_000);
  assert.equal(card.looks, 6, 'a card in use is not looked at');
});

test('a card that loses its model gets it again; one that loses it twice in a row is given a rest', async (t) => {
  const { device, card, emulator, events, pass } = setUp(t);
  await device.load(MODEL);
  await pass(60_000);
  card.lose();
  await device.load(MODEL);
  assert.equal(card.held, 'belt:1');
  card.lose();
  await device.load(MODEL);
  assert.deepEqual([card.held, emulator.held], [undefined, 'belt:1']);
  assert.deepEqual(events, ['lost', 'now virtual-card', 'lost', 'now emulator']);
  await pass(30_000);
  assert.equal(events.at(-1), 'return');
});

test('a package that no card runs goes to the emulator, and the next one to the card', async (t) => {
  const { device, card, emulator, selection, pass } = setUp(t);
  card.onLoad = async () => {
    throw scoringError('DEVICE_UNSUITABLE', 'ssd:1', 'its featurizer gives 12 tensors, a card gives one');
  };
  await device.load(fakePackage('ssd'));
  assert.equal(emulator.held, 'ssd:1');
  assert.match(selection.reason, /ssd:1 cannot run on a Catapult card/);
  await pass(60_000);
  assert.equal(card.looks, 0, 'nothing is wrong with the card');
  card.onLoad = async () => {};
  await device.unload();
  await device.load(MODEL);
  assert.equal(card.held, 'belt:1');
});

test('without an emulator nothing falls back, and the card is tried at every load', async (t) => {
  const { device, card, pass } = setUp(t, { emulator: undefined });
  card.illness = 'gone';
  await assert.rejects(device.load(MODEL), { code: 'DEVICE_REFUSED', message: /gone/ });
  await pass(60_000);
  assert.equal(card.looks, 0);
  card.illness = undefined;
  await device.load(MODEL);
  card.lose();
  await device.load(MODEL);
  card.lose();
  await device.load(MODEL);
  assert.equal(card.held, 'belt:1');
});

test('a card that failed before the start is looked at all the same', async (t) => {
  const { device, card, emulator, events, selection, pass } = setUp(t, {}, 'open: ENOTCONN');
  assert.deepEqual([device.info.kind, selection.reason], ['emulator', 'open: ENOTCONN']);
  await device.load(MODEL);
  assert.deepEqual([card.held, emulator.held], [undefined, 'belt:1']);
  await pass(1000);
  assert.deepEqual(events, ['return']);
});

test('nothing is opened between a release and the next load', async (t) => {
  const { device, card, emulator, pass } = setUp(t);
  card.illness = 'busy';
  await device.load(MODEL);
  await device.release();
  await pass(120_000);
  assert.deepEqual([card.looks, emulator.held], [0, undefined]);
  await device.load(MODEL);
  await pass(60_000);
  assert.ok(card.looks > 0);
});

test('a load that is given up goes nowhere else', async (t) => {
  const { device, card, emulator } = setUp(t);
  card.onLoad = async () => {
    throw scoringError('CANCELLED');
  };
  await assert.rejects(device.load(MODEL), { code: 'CANCELLED' });
  assert.deepEqual(emulator.log, []);
});
