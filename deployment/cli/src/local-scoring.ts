import { resolve } from 'node:path';
import type { ModuleStatus } from '@edgeslot/edge-runtime';
import { CliError, errorCode, errorText } from './cli-error.js';
import { stateText } from './story/status-table.js';

export interface LocalScoring {
  readonly name: string;
  /** Where the gRPC port is published. */
  readonly address?: string;
  /** How it is, when it does not run. */
  readonly state?: string;
}

/** The scoring module of the runtime on this state directory, if one runs. */
export async function lookForScoring(state: string): Promise<LocalScoring | undefined> {
  const { connectControl } = await import('@edgeslot/edge-runtime/control-client');
  const control = await connectControl(resolve(state)).catch(() => undefined);
  const modules = (await control?.status().catch(() => undefined))?.modules ?? [];
  const portOf = (module: ModuleStatus) => module.ports.find(({ container }) => container === '50051/tcp')?.host;
  const module =
    modules.find((each) => portOf(each) !== undefined) ?? modules.find(({ image }) => /(^|\/)scoring(:|$)/.test(image));
  if (!module) return undefined;
  const address = portOf(module)?.replace(/^0\.0\.0\.0:/, '127.0.0.1:');
  return {
    name: module.name,
    ...(address !== undefined && { address }),
    ...(module.runtimeStatus !== 'running' && { state: stateText(module.runtimeStatus) }),
  };
}

/** Nothing answers: the next picture would fare no better. */
export class Unreachable extends CliError {}

/** A refusal of the client, or what to do when nothing answers. */
export function explainRefusal(error: unknown, address: string, local: LocalScoring | undefined): Error {
  if (errorCode(error) !== 'UNAVAILABLE') return error as Error;
  if (local?.state !== undefined) {
    return new Unreachable(
      `the runtime runs, but its module ${local.name} is ${local.state}: \`npx edgeslot status\` and \`npx edgeslot logs ${local.name}\` say why`,
    );
  }
  if (!/ECONN|ENOTFOUND|EHOSTUNREACH|No connection|name resolution/i.test(errorText(error))) return error as Error;
  if (local) {
    return new Unreachable(
      `the runtime runs, but its module ${local.name} does not answer${local.address === undefined ? ': its port 50051 is not published' : ` on ${local.address} yet: try again shortly`}`,
    );
  }
  return new Unreachable(
    `nothing answers on ${address}: start it with \`npm start\`, or name another address with --address HOST:PORT`,
  );
}
