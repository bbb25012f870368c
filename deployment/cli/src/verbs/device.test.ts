import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SurveyedCard } from '@edgeslot/scoring/devices';
import { run } from '../run-cli.fixture.js';
import { deviceLines } from '../story/device-lines.js';
import { plain } from '../story/style.js';

test('where there is no card, the list says so and names the emulator', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'edgeslot-no-card-'));
  t.after(() => rm(dir, { recursive: true }));
  const { code, out } = await run('device', 'list', '--card', dir);
  assert.equal(code, 0);
  assert.match(
    out,
    /catapult0 {2}virtual card, no hardware, does not answer as it should\n {2}there is no Catapult card: /,
  );
  assert.match(out, /^emulator {2}usable$/m);
  assert.match(out, /--device auto takes the emulator/);
  const { out: json } = await run('device', 'list', '--card', dir, '--json');
  const { cards, emulator, holders } = JSON.parse(json);
  assert.deepEqual([cards[0].state, emulator.usable, Object.values(holders)], ['failing', true, [[]]]);
});

test('without any card, the list says how to try one', () => {
  const list = { cards: [], reason: 'there is no Catapult card', emulator: EMULATOR, holders: {} };
  assert.deepEqual(deviceLines(plain, list).slice(0, 2), ['catapult  none', '  there is no Catapult card']);
});

const CARD: SurveyedCard = {
  ...{ kind: 'virtual-card', state: 'usable', path: '/c/dev/catapult1', sysfs: '/c/sys/catapult1' },
  reason: 'virtual card, no hardware, at /c/dev/catapult1',
  identity: { driver: '5.1.4.12', functionType: 'role' },
  temperature: 41,
};
const EMULATOR = { usable: true, reason: 'onnxruntime' };

test('each card with what is known of it, who holds it, and what is wrong', () => {
  const management: SurveyedCard = {
    ...{ kind: 'catapult', state: 'unusable', path: '/c/dev/catapult0', sysfs: '/c/sys/catapult0' },
    reason: '/c/dev/catapult0 is the management function',
    identity: {},
  };
  const holders = { [CARD.path]: [{ pid: 77, command: 'node serve\u001b[2J' }] };
  const list = { cards: [management, CARD], reason: CARD.reason, emulator: EMULATOR, holders };
  assert.deepEqual(deviceLines(plain, list), [
    '/c/dev/catapult0  Catapult card, not usable',
    '  /c/dev/catapult0 is the management function',
    '/c/dev/catapult1  virtual card, no hardware, usable',
    '  driver       5.1.4.12',
    '  function     role',
    '  temperature  41 °C',
    '  held by      process 77  node serve [2J',
    '',
    'emulator  usable',
    '  onnxruntime',
    '',
    '--device auto takes /c/dev/catapult1, and the emulator while it fails',
  ]);
});
