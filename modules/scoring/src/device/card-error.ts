import { DeviceError } from '@edgeslot/native';
import { asScoringError, type ScoringError, scoringError } from '../errors.js';

/**
 * A card's failure in the catalogue's words: DEVICE_LOST where the model is gone from it (a reset or another card is
 * needed), else DEVICE_REFUSED. Anything else as `asScoringError`.
 */
export function cardError(path: string, error: unknown): ScoringError {
  if (!(error instanceof DeviceError)) return asScoringError(error);
  // Most texts begin with the path already.
  const { message, status } = error;
  const text = `${status}: ${message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message}`;
  return error.severity === 'request'
    ? scoringError('DEVICE_REFUSED', path, text)
    : scoringError('DEVICE_LOST', `${path}: ${text}`);
}
