import type { EdgeAgent } from './agent/edge-agent.js';
import { AGENT, HUB } from './agent/judge-manifest.js';
import type { DeploymentReply, RuntimeStatus } from './control/control-api.js';
import { ControlError } from './control/control-error.js';
import type { ControlHandlers } from './control/control-server.js';
import type { Hub } from './hub/hub.js';
import { closestName } from './manifest/closest-name.js';
import type { TwinStore } from './twins/twin-store.js';
import { TwinValidationError } from './twins/validate-properties.js';

export interface ControlledRuntime {
  readonly edgeAgent: EdgeAgent;
  readonly twins: TwinStore;
  readonly hub: Hub;
  status(): Promise<RuntimeStatus>;
  deploy(manifest: string, source: string): Promise<DeploymentReply>;
  stop(reason: string): void;
}

const SYSTEM_MODULES = [AGENT, HUB];
const AGENT_METHODS = ['ping', 'RestartModule'];

/** What the control API's calls do to the runtime. */
export function controlHandlers(runtime: ControlledRuntime): ControlHandlers {
  const { edgeAgent, twins, hub } = runtime;
  const modules = () => [...edgeAgent.agent.modules.keys()];
  const known = (module: string, system: readonly string[]) => {
    const names = [...modules(), ...system];
    if (names.includes(module)) return;
    const close = closestName(module, names);
    throw new ControlError(
      404,
      'MODULE_UNKNOWN',
      `there is no module ${JSON.stringify(module)}${close === undefined ? '' : `, did you mean ${close}?`}; known are ${names.join(', ')}`,
    );
  };
  const restart = async (module: string) => {
    known(module, []);
    await edgeAgent.agent.restart(module);
  };
  return {
    status: () => runtime.status(),
    deploy: (manifest, source) => runtime.deploy(manifest, source),
    twin: (module) => {
      known(module, SYSTEM_MODULES);
      return twins.get(module);
    },
    patchTwin: (module, desired) => {
      known(module, []);
      try {
        return twins.patchDesired(module, desired);
      } catch (error) {
        if (error instanceof TwinValidationError) throw new ControlError(400, 'TWIN_INVALID', error.message);
        throw error;
      }
    },
    method: async (module, name, payload, timeouts) => {
      if (module === AGENT) return agentMethod(name, payload, restart);
      known(module, []);
      return hub.invokeMethod(module, name, payload, timeouts);
    },
    restart,
    sendMessage: ({ module, input, data, properties }) => {
      known(module, []);
      const text = typeof data === 'string' ? data : JSON.stringify(data);
      const systemProperties = { contentType: 'application/json', contentEncoding: 'utf-8' };
      if (!hub.injectInput(module, input, { data: Buffer.from(text), properties, systemProperties })) {
        throw new ControlError(
          503,
          'QUEUE_FULL',
          `the input queue of ${module} is full: it does not take its messages`,
        );
      }
    },
    stop: (reason) => runtime.stop(reason),
  };
}

/** Direct methods of edgeAgent (iotedge: requests/RequestManager.cs). */
async function agentMethod(
  name: string,
  payload: unknown,
  restart: (module: string) => Promise<void>,
): Promise<{ status: number; payload: unknown }> {
  if (name === 'ping') return { status: 200, payload: null };
  if (name !== 'RestartModule') {
    return {
      status: 400,
      payload: { message: `Command '${name}' not found. The supported commands are - ${AGENT_METHODS.join(',')}` },
    };
  }
  const { schemaVersion, id } = (payload ?? {}) as { schemaVersion?: unknown; id?: unknown };
  if (schemaVersion !== '1.0' || typeof id !== 'string') {
    return { status: 400, payload: { message: 'expected the payload {"schemaVersion":"1.0","id":"MODULE"}' } };
  }
  try {
    await restart(id);
    return { status: 200, payload: null };
  } catch (error) {
    return { status: 500, payload: { message: (error as Error).message } };
  }
}
