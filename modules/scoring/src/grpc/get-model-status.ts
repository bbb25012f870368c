import {
  type GetModelStatusRequest,
  type GetModelStatusResponse,
  ModelState,
  type ModelVersionStatus,
  OK_STATUS,
} from '@edgeslot/tensorflow-serving';
import type { DoorContext } from '../door-context.js';
import { reviveScoringError, scoringError } from '../errors.js';
import { type VersionState, versionStates } from '../version-states.js';

/**
 * GetModelStatus with TensorFlow Serving's semantics (`model_servers/get_model_status_impl.cc`): one version, or without
 * a version all that the slot has had to do with, the newest first; a version that could not be loaded stays to be seen
 * as END with its error. A label is not looked at. No name means the model that the slot holds, loads or last held.
 */
export function getModelStatus({ modelSpec }: GetModelStatusRequest, context: DoorContext): GetModelStatusResponse {
  const name = modelSpec?.name || (context.state().model ?? context.control.pending)?.name || '';
  const { version } = modelSpec ?? {};
  const states = versionStates(name, context);
  if (version === undefined) {
    if (states.length === 0) throw scoringError('VERSIONS_NOT_FOUND', name);
    return { modelVersionStatus: states.map(describe) };
  }
  const found = states.find((one) => one.version === version);
  if (!found) throw scoringError('VERSION_NOT_FOUND', name, version);
  return { modelVersionStatus: [describe(found)] };
}

function describe({ version, state, error }: VersionState): ModelVersionStatus {
  const status = error
    ? { errorCode: reviveScoringError({ code: error.code, message: error.text }).grpc, errorMessage: error.text }
    : OK_STATUS;
  return { version, state: ModelState[state], status };
}
