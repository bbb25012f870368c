import { resolve } from 'node:path';
import {
  type ModelConfig,
  type ModelServerConfig,
  OK_STATUS,
  type ReloadConfigRequest,
  type ReloadConfigResponse,
} from '@edgeslot/tensorflow-serving';
import type { DoorContext } from '../door-context.js';
import { reviveScoringError, type ScoringError, scoringError } from '../errors.js';
import { formatModelId, type ModelReference, parseModelReference } from '../model/model-id.js';
import type { SwapOutcome } from '../slot/slot-state.js';

/** TensorFlow Serving's name of the one platform (`model_servers/model_platform_types.h`); who names none means it. */
const PLATFORM = 'tensorflow';
/** ModelType TENSORFLOW, by its deprecated number. */
const TYPES: readonly number[] = [0, 1];

/**
 * HandleReloadConfigRequest with TensorFlow Serving's semantics (`model_servers/model_service_impl.cc`,
 * `server_core.cc`): wishes for the one model of the list and answers when the wish has ended. A caller that does not
 * wait so long does not end the wish.
 *
 * @throws ScoringError RELOAD_CONFIG_TYPE, RELOAD_CONFIG, RELOAD_LABEL, RELOAD_BASE_PATH at once; MODEL_NOT_FOUND,
 * RELOAD_FAILED, STOPPING as the wish ended
 */
export async function reloadConfig(
  { config }: ReloadConfigRequest,
  context: DoorContext,
): Promise<ReloadConfigResponse> {
  const model = onlyModel(config);
  const reference = { name: checkName(model), ...wantedVersion(model) };
  checkPlatform(model);
  checkBasePath(model, context.modelBasePath);
  checkLabels(model, context);
  const outcome = await context.control.aspire(reference, 'rpc');
  const failure = failureOf(outcome, reference);
  if (failure) throw failure;
  return { status: OK_STATUS };
}

function onlyModel(config: ModelServerConfig | undefined): ModelConfig {
  if (config?.kind !== 'models') throw scoringError('RELOAD_CONFIG_TYPE');
  const [model, ...more] = config.models;
  if (model && more.length === 0) return model;
  throw scoringError('RELOAD_CONFIG', 'the number of models', `${config.models.length}`, '1: the device holds one');
}

function checkName({ name }: ModelConfig): string {
  if (parseModelReference(name)?.name === name) return name;
  throw scoringError(
    'RELOAD_CONFIG',
    'name',
    JSON.stringify(name),
    'letters, digits, ".", "_" and "-", at most 128, the first a letter or a digit',
  );
}

function wantedVersion({ versionPolicy: policy }: ModelConfig): { version?: number } {
  if (!policy || (policy.kind === 'latest' && policy.numVersions <= 1)) return {};
  const expected = 'the latest version or a specific one: the device holds one';
  if (policy.kind === 'all') throw scoringError('RELOAD_CONFIG', 'model_version_policy', 'all', expected);
  if (policy.kind === 'latest') {
    throw scoringError('RELOAD_CONFIG', 'model_version_policy', `the latest ${policy.numVersions}`, expected);
  }
  const [version, ...more] = policy.versions;
  if (version === undefined || version < 1 || more.length > 0) {
    throw scoringError('RELOAD_CONFIG', 'model_version_policy', `specific [${policy.versions.join(', ')}]`, expected);
  }
  return { version };
}

function checkPlatform({ modelPlatform, modelType }: ModelConfig): void {
  if (modelPlatform !== '' && modelPlatform !== PLATFORM) {
    throw scoringError('RELOAD_CONFIG', 'model_platform', JSON.stringify(modelPlatform), `"${PLATFORM}" or none`);
  }
  if (!TYPES.includes(modelType)) {
    throw scoringError('RELOAD_CONFIG', 'model_type', `${modelType}`, `${TYPES.join(' or ')}`);
  }
}

function checkBasePath({ name, basePath }: ModelConfig, modelsDirectory: string): void {
  const expected = resolve(modelsDirectory, name);
  if (basePath !== '' && resolve(modelsDirectory, basePath) !== expected) {
    throw scoringError('RELOAD_BASE_PATH', basePath, name, expected);
  }
}

/** Models are known by their versions' numbers: a label that was silently dropped would be missed at the next call. */
function checkLabels({ name, versionLabels }: ModelConfig, { model }: DoorContext): void {
  const id = model()?.id;
  for (const [label, version] of versionLabels) {
    if (id?.name !== name || id.version !== version) throw scoringError('RELOAD_LABEL', name, version);
    throw scoringError('RELOAD_CONFIG', `version_labels["${label}"]`, `${version}`, 'none: name versions by number');
  }
}

function failureOf({ result, to, error }: SwapOutcome, asked: ModelReference): ScoringError | undefined {
  if (result === 'loaded' || result === 'unchanged') return undefined;
  if (result === 'superseded') {
    return scoringError('RELOAD_FAILED', describe(asked), 'ABORTED: another model was asked for meanwhile');
  }
  if (!error) return scoringError('INTERNAL', `the wish for ${formatModelId(asked)} ended ${result} without an error`);
  const known = reviveScoringError({ code: error.code, message: error.text });
  if (known.code === 'MODEL_NOT_FOUND' || known.code === 'STOPPING') return known;
  return scoringError('RELOAD_FAILED', describe(parseModelReference(to) ?? asked), `${known.status}: ${error.text}`);
}

/** As TensorFlow Serving's `ServableId::DebugString` writes it. */
function describe({ name, version }: ModelReference): string {
  return version === undefined ? `{name: ${name}}` : `{name: ${name} version: ${version}}`;
}
