import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CardReport, DeviceSelection } from '../device/device.js';
import { FakeDevice } from '../testing/fake-device.js';
import { reportDevice } from './reported-state.js';

const CARD: CardReport = {
  path: '/dev/catapult0',
  identity: { driver: '5.1.4.12', boardId: 'virtual-card' },
  health: { ok: true, text: 'ok' },
  temperature: 47,
  modelled: { loadMs: 91.2, runMs: 1.8 },
  failures: 2,
  resets: 1,
  staleAnswers: 3,
};

test('the device in use, why, since when, and the card beside it, modelled times as modelled', () => {
  const selection: DeviceSelection = {
    device: new FakeDevice(),
    reason: 'the device lost its model: /dev/catapult0: TIMEOUT',
    rejected: [{ kind: 'virtual-card', path: '/dev/catapult0', reason: 'TIMEOUT' }],
    since: '2026-01-01T00:00:00.000Z',
    cards: [CARD],
  };
  assert.deepEqual(reportDevice(selection), {
    kind: 'emulator',
    description: 'fake',
    lanes: 1,
    threadsPerLane: 1,
    reason: 'the device lost its model: /dev/catapult0: TIMEOUT',
    rejected: [{ kind: 'virtual-card', path: '/dev/catapult0', reason: 'TIMEOUT' }],
    since: '2026-01-01T00:00:00.000Z',
    cards: [{ ...CARD, modelled: { loadMs: 91.2, runMs: 1.8 } }],
  });
  const { cards, since, ...plain } = reportDevice({ device: new FakeDevice(), reason: 'asked for', rejected: [] });
  assert.deepEqual([cards, since, plain.kind], [undefined, undefined, 'emulator']);
});

test('however long its texts and many its cards are, the section stays small', () => {
  const long = 'x'.repeat(5000);
  const identity = Object.fromEntries(['driver', 'shellId', 'roleId', 'library'].map((name) => [name, long]));
  const selection: DeviceSelection = {
    device: new FakeDevice(),
    reason: long,
    rejected: Array.from({ length: 64 }, () => ({ kind: 'catapult', reason: long })),
    cards: Array.from({ length: 64 }, () => ({ ...CARD, identity, health: { ok: false, text: long } })),
  };
  assert.ok(JSON.stringify(reportDevice(selection)).length < 8192);
});
