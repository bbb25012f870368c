import type { DoorContext } from '../../door-context.js';
import { reviveScoringError, scoringError } from '../../errors.js';
import { versionStates } from '../../version-states.js';
import type { ModelPath } from './model-path.js';

/**
 * `GET /v1/models/NAME[/versions/V]`: GetModelStatusResponse in protobuf's JSON (versions are strings: they are int64).
 * @throws ScoringError VERSIONS_NOT_FOUND, VERSION_NOT_FOUND
 */
export function modelStatus({ name, version }: ModelPath, context: DoorContext) {
  const states = versionStates(name, context);
  const wanted = version === undefined ? states : states.filter((one) => one.version === version);
  if (wanted.length === 0 && version !== undefined) throw scoringError('VERSION_NOT_FOUND', name, version);
  if (wanted.length === 0) throw scoringError('VERSIONS_NOT_FOUND', name);
  return {
    model_version_status: wanted.map(({ version, state, error }) => ({
      version: String(version),
      state,
      status: {
        error_code: error ? reviveScoringError({ code: error.code, message: error.text }).status : 'OK',
        error_message: error?.text ?? '',
      },
    })),
  };
}
