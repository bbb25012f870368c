import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeviceError } from '@edgeslot/native';
import { scoringError } from '../errors.js';
import { cardError } from './card-error.js';

test('what takes a reset or another card loses the model; anything else refuses one request', () => {
  const of = (status: ConstructorParameters<typeof DeviceError>[0]) =>
    cardError('/dev/catapult0', new DeviceError(status, 'why'));
  for (const status of ['TIMEOUT', 'FAULT', 'LOST', 'NO_DEVICE'] as const) {
    assert.equal(of(status).code, 'DEVICE_LOST');
    assert.match(of(status).message, new RegExp(`/dev/catapult0: ${status}: why`));
  }
  for (const status of ['AGAIN', 'BUSY', 'ACCESS', 'CANCELLED', 'INVALID'] as const) {
    assert.deepEqual([of(status).code, of(status).retriable], ['DEVICE_REFUSED', true]);
  }
  const { message } = cardError('/dev/catapult0', new DeviceError('LOST', '/dev/catapult0: open: ENOTCONN'));
  assert.equal(message, 'the device lost its model: /dev/catapult0: LOST: open: ENOTCONN');
  assert.equal(cardError('/dev/catapult0', scoringError('DEADLINE')).code, 'DEADLINE');
  assert.equal(cardError('/dev/catapult0', new Error('other')).code, 'INTERNAL');
});
