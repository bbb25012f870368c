import type { RuntimeStatus, Twin } from '@edgeslot/edge-runtime';
import type { ControlClient } from '@edgeslot/edge-runtime/control-client';
import { readModules } from '@edgeslot/edge-runtime/module-specs';
import { type ModelId, parseModelReference } from '@edgeslot/scoring/model';
import { isRecord } from './story/frame-message.js';
import { readSlot } from './story/reported-twin.js';

const AGENT = '$edgeAgent';

/** A model that is looked for; `latest` says that its name alone means it too. */
export interface WantedModel extends ModelId {
  readonly latest: boolean;
}

/**
 * The modules of a runtime that hold a model in their slot or are told to hold it, by `MODEL_NAME` of their container or
 * by their desired twin: `module scoring of image edgeslot/scoring:1.0.0-a (MODEL_NAME is belt-object)`.
 */
export async function usersInDeployment(
  control: Pick<ControlClient, 'twin'>,
  status: Pick<RuntimeStatus, 'modules'>,
  wanted: WantedModel,
): Promise<string[]> {
  const { modules } = (await control.twin(AGENT)).properties.desired;
  const { specs } = readModules(isRecord(modules) ? modules : {}, '');
  // What is deployed, and what still runs of an earlier deployment.
  const images = new Map([...status.modules, ...specs].map(({ name, image }) => [name, image]));
  const users: string[] = [];
  for (const [name, image] of images) {
    const spec = specs.find((one) => one.name === name);
    // The daemon merges them so: createOptions.Env wins over env.
    const env = { ...spec?.env, ...spec?.createOptions.env };
    const reasons = [...reasonsInTwin(await twinOf(control, name), wanted), ...reasonsInEnvironment(env, wanted)];
    if (reasons.length > 0) users.push(`module ${name} of image ${image} (${reasons.join('; ')})`);
  }
  return users;
}

function reasonsInTwin(twin: Twin | undefined, wanted: WantedModel): string[] {
  const slot = readSlot(twin?.properties.reported);
  const model = twin?.properties.desired.model;
  const desired = isRecord(model) ? model.name : undefined;
  return [
    ...(slot?.model === `${wanted.name}:${wanted.version}` && slot.state !== 'END'
      ? [`it is in the slot, ${slot.state}`]
      : []),
    ...(names(desired, wanted) ? [`the desired model.name is ${desired}`] : []),
  ];
}

function reasonsInEnvironment(env: Readonly<Record<string, string>>, wanted: WantedModel): string[] {
  return names(env.MODEL_NAME, wanted) ? [`MODEL_NAME is ${env.MODEL_NAME}`] : [];
}

function names(text: unknown, wanted: WantedModel): boolean {
  const reference = typeof text === 'string' ? parseModelReference(text) : undefined;
  if (reference?.name !== wanted.name) return false;
  return reference.version === undefined ? wanted.latest : reference.version === wanted.version;
}

/** A module that is just being made or removed may have no twin. */
async function twinOf(control: Pick<ControlClient, 'twin'>, module: string): Promise<Twin | undefined> {
  return control.twin(module).catch((error: { httpStatus?: unknown }) => {
    if (error.httpStatus === 404) return undefined;
    throw error;
  });
}
