import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scoringError } from '../errors.js';
import { FakeDevice } from '../testing/fake-device.js';
import type { CardDevice } from './candidate.js';
import type { CardSurvey, SurveyedCard } from './card-survey.js';
import type { Device } from './device.js';
import { selectDevice } from './select.js';

const emulator = new FakeDevice() as Device;
const usable: SurveyedCard = {
  ...{ kind: 'virtual-card', state: 'usable', path: '/dev/catapult1', sysfs: '/sys/catapult1' },
  reason: 'virtual card, no hardware, at /dev/catapult1',
};
const management: SurveyedCard = {
  ...{ kind: 'virtual-card', state: 'unusable', path: '/dev/catapult0', sysfs: '/sys/catapult0' },
  reason: '/dev/catapult0 is the management function',
};
const absent: CardSurvey = { cards: [], reason: 'there is no Catapult card: /dev/catapult0 does not exist' };

function deps(survey: CardSurvey) {
  const made: string[] = [];
  return {
    made,
    surveyCards: async () => survey,
    createCard: ({ path }: SurveyedCard) => {
      made.push(path);
      const info = { kind: 'virtual-card', description: path, lanes: 1, threadsPerLane: 1 };
      return Object.assign(new FakeDevice(), { path, info }) as unknown as CardDevice;
    },
    createEmulator: () => emulator,
  };
}

test('auto takes the emulator and says why not the card', async () => {
  const selection = await selectDevice('auto', deps(absent));
  assert.equal(selection.device, emulator);
  assert.equal(selection.reason, absent.reason);
  assert.deepEqual(selection.rejected, [{ kind: 'catapult', reason: absent.reason }]);
});

test('auto and catapult take the role function, and keep why the other node was passed over', async () => {
  for (const choice of ['auto', 'catapult'] as const) {
    const all = deps({ cards: [management, usable], reason: usable.reason });
    const { device, reason, rejected } = await selectDevice(choice, all);
    const why = choice === 'auto' ? 'it is the first card that can be used' : 'a card was asked for';
    assert.deepEqual([device.info.kind, reason, all.made], ['virtual-card', why, ['/dev/catapult1']]);
    assert.deepEqual(
      rejected.map(({ path, reason: refusal }) => [path, refusal]),
      [['/dev/catapult0', management.reason]],
    );
    assert.equal(device.laneControl, undefined);
  }
});

test('a card that fails is waited for: by the emulator, or alone', async () => {
  const failing: SurveyedCard = { ...usable, state: 'failing', reason: '/dev/catapult1: open: ENOTCONN' };
  const survey = { cards: [failing], reason: failing.reason };
  const auto = await selectDevice('auto', deps(survey));
  assert.deepEqual([auto.device.info.kind, auto.reason], ['emulator', failing.reason]);
  const alone = await selectDevice('catapult', deps(survey));
  assert.equal(alone.device.info.kind, 'virtual-card');
});

test('the emulator by name asks for no card; the card by name takes no emulator', async () => {
  let surveyed = false;
  const surveyCards = async () => {
    surveyed = true;
    return absent;
  };
  const { rejected } = await selectDevice('emulator', { ...deps(absent), surveyCards });
  assert.deepEqual([rejected, surveyed], [[], false]);
  await assert.rejects(selectDevice('catapult', deps(absent)), {
    code: 'DEVICE_NONE',
    message: `no device can run a model: catapult: ${absent.reason}`,
  });
});

test('every reason is told when nothing is left; a card does without the emulator', async () => {
  const createEmulator = () => {
    throw scoringError('DEVICE_NONE', 'onnxruntime is not installed');
  };
  await assert.rejects(selectDevice('auto', { ...deps(absent), createEmulator }), {
    code: 'DEVICE_NONE',
    message: /catapult: there is no Catapult card.*; emulator: .*onnxruntime is not installed/,
  });
  const card = { cards: [usable], reason: usable.reason };
  const { device } = await selectDevice('auto', { ...deps(card), createEmulator });
  assert.equal(device.info.kind, 'virtual-card');
});
