import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scoringError } from '../errors.js';
import type { Device } from './device.js';
import { selectDevice } from './select.js';

const emulator = { info: { kind: 'emulator' } } as Device;
const absent = { available: false, reason: 'there is no Catapult card: /dev/catapult0 does not exist' };
const deps = { probeCatapult: async () => absent, createEmulator: () => emulator };

test('auto takes the emulator and says why not the card', async () => {
  const selection = await selectDevice('auto', deps);
  assert.equal(selection.device, emulator);
  assert.equal(selection.reason, absent.reason);
  assert.deepEqual(selection.rejected, [{ kind: 'catapult', reason: absent.reason }]);
});

test('a card that is there is not claimed to run models', async () => {
  const probeCatapult = async () => ({ available: true, reason: 'role function at /dev/catapult0' });
  const { rejected } = await selectDevice('auto', { ...deps, probeCatapult });
  assert.match(rejected[0]!.reason, /^role function at \/dev\/catapult0; there is no vendor library/);
  await assert.rejects(selectDevice('catapult', { ...deps, probeCatapult }), {
    code: 'DEVICE_NONE',
    message: /vendor/,
  });
});

test('the emulator by name asks no card; the card by name takes no emulator', async () => {
  let probed = false;
  const probeCatapult = async () => {
    probed = true;
    return absent;
  };
  const { rejected } = await selectDevice('emulator', { ...deps, probeCatapult });
  assert.deepEqual([rejected, probed], [[], false]);
  await assert.rejects(selectDevice('catapult', deps), {
    code: 'DEVICE_NONE',
    message: `no device can run a model: catapult: ${absent.reason}`,
  });
});

test('a probe that fails or hangs is a reason, and every reason is told when nothing is left', async () => {
  const hangs = () => new Promise<never>(() => {});
  const late = await selectDevice('auto', { ...deps, probeCatapult: hangs, probeTimeoutMs: 5 });
  assert.match(late.rejected[0]!.reason, /did not answer within 5 ms/);
  const fails = async () => Promise.reject(new Error('EIO'));
  const createEmulator = () => {
    throw scoringError('DEVICE_NONE', 'onnxruntime is not installed');
  };
  await assert.rejects(selectDevice('auto', { probeCatapult: fails, createEmulator }), {
    code: 'DEVICE_NONE',
    message: /catapult: the probe of the card failed: EIO; emulator: .*onnxruntime is not installed/,
  });
});
