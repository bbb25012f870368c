import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatapultNode } from '@edgeslot/native';
import { type CardSearch, surveyCards } from './card-survey.js';

const ROLE: CatapultNode = {
  path: '/dev/catapult1',
  driver: '5.1.4.12',
  functionType: 'role',
  boardId: '0x1',
  temperature: 47,
  slots: 64,
  bytesPerSlot: 1_048_576,
};

const survey = (nodes: readonly CatapultNode[], search: CardSearch = {}) =>
  surveyCards(search, {
    probe: async () => ({ available: false, reason: 'probed', addon: 'loaded', nodes }),
  });

test('hardware without its vendor’s library is told, and not used', async () => {
  const { cards, reason } = await survey([ROLE]);
  assert.deepEqual([cards[0]!.kind, cards[0]!.state], ['catapult', 'unusable']);
  assert.match(reason, /^Catapult card, role function, at \/dev\/catapult1, driver 5\.1\.4\.12, 64 slots.*47 °C/);
  assert.match(reason, /vendor's library, which is not part of Edgeslot.*DRIVER_LIBRARY/);
  const [card] = (await survey([ROLE], { driverLibrary: '/opt/vendor.so' })).cards;
  assert.deepEqual([card!.state, card!.driverLibrary], ['usable', '/opt/vendor.so']);
});

test('the virtual card says that it is none, needs no library and is given none', async () => {
  const virtual = { ...ROLE, path: '/tmp/c/dev/catapult0', boardId: 'virtual-card' };
  const { cards, reason } = await survey([virtual], { directory: '/tmp/c', driverLibrary: '/opt/vendor.so' });
  const { kind, state, sysfs, driverLibrary } = cards[0]!;
  assert.deepEqual([kind, state, sysfs], ['virtual-card', 'usable', '/tmp/c/sys/catapult0']);
  assert.equal(driverLibrary, undefined);
  assert.match(reason, /^virtual card, no hardware, at \/tmp\/c\/dev\/catapult0/);
});

test('other functions, drivers and unknown nodes are unusable; a role that fails may come back', async () => {
  const virtual = { ...ROLE, boardId: 'virtual-card' };
  const { functionType: _, ...unknown } = virtual;
  const { driver: __, ...silent } = virtual;
  const cases: [CatapultNode, string, RegExp][] = [
    [{ ...virtual, functionType: 'management' }, 'unusable', /is the management function/],
    [{ ...virtual, driver: '6.0.0.1' }, 'unusable', /driver is version 6\.0\.0\.1, expected 5/],
    [unknown, 'unusable', /\/sys\/class\/catapult does not tell whether/],
    [{ ...silent, error: 'open: ENOTCONN' }, 'failing', /^\/dev\/catapult1: open: ENOTCONN$/],
  ];
  for (const [node, state, reason] of cases) {
    const { cards } = await survey([node]);
    assert.equal(cards[0]!.state, state);
    assert.match(cards[0]!.reason, reason);
  }
});

test('a virtual card that was named and is not there is waited for', async () => {
  const { cards, reason } = await survey([], { directory: '/tmp/c' });
  const { kind, state, path, sysfs } = cards[0]!;
  const expected = ['virtual-card', 'failing', '/tmp/c/dev/catapult0', '/tmp/c/sys/catapult0'];
  assert.deepEqual([kind, state, path, sysfs, reason], [...expected, 'probed']);
  assert.deepEqual((await survey([])).cards, [], 'hardware that is not there is not');
});

test('without the native addon a card is told, with what to do', async () => {
  const reason = '/dev/catapult0 present, but the native addon is not built: install a C++ compiler';
  const nodes = [{ path: '/dev/catapult0' }];
  const { cards } = await surveyCards(
    {},
    { probe: async () => ({ available: false, reason, addon: 'missing', nodes }) },
  );
  assert.deepEqual([cards[0]!.state, cards[0]!.reason], ['unusable', reason]);
});

test('a probe that fails or hangs is a reason', async () => {
  const hangs = await surveyCards({}, { probe: () => new Promise(() => {}), timeoutMs: 5 });
  assert.deepEqual(hangs, { cards: [], reason: 'the probe of the card did not answer within 5 ms' });
  const fails = await surveyCards({}, { probe: () => Promise.reject(new Error('EIO')) });
  assert.equal(fails.reason, 'the probe of the card failed: EIO');
});
