import type { ModuleIdentities } from '../identity/module-identities.js';
import type { Router } from '../routes/router.js';
import type { UpstreamFile } from '../storage/upstream-file.js';
import type { TwinStore } from '../twins/twin-store.js';
import { startBroker } from './broker.js';
import { ConnectedClients } from './connected-clients.js';
import type { HubEvent } from './hub-event.js';
import { type MethodReply, Methods, type MethodTimeouts } from './methods.js';
import { startMqttServer } from './mqtt-server.js';
import { handlePublish } from './publish-handler.js';
import { Sessions } from './sessions.js';
import { Telemetry } from './telemetry.js';
import { pushDesired } from './twin-calls.js';

export type { HubEvent } from './hub-event.js';
export type { MethodReply, MethodTimeouts } from './methods.js';

export interface HubOptions {
  readonly deviceId: string;
  /** Name of the IoT Hub the modules believe in; one of the two audiences of their tokens. */
  readonly hubHostName: string;
  readonly gatewayHostName: string;
  /** Port 0 takes any free one. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls: { readonly certPem: string; readonly keyPem: string };
  readonly identities: ModuleIdentities;
  readonly twins: TwinStore;
  readonly router: Router;
  readonly upstream: UpstreamFile;
  readonly log: (level: 'error' | 'warning' | 'info' | 'debug', text: string) => void;
  readonly onEvent: (event: HubEvent) => void;
}

export interface InputMessage {
  readonly data: Buffer;
  readonly properties?: Readonly<Record<string, string>>;
  /** By the names routes use: `contentType`, `contentEncoding`, `messageId`, … */
  readonly systemProperties?: Readonly<Record<string, string>>;
}

export interface Hub {
  readonly address: { readonly host: string; readonly port: number };
  setRouter(router: Router): void;
  /** Throws RangeError for a bad name, payload (128 KiB) or timeout (0 to 300 s). */
  invokeMethod(moduleId: string, name: string, payload?: unknown, timeouts?: MethodTimeouts): Promise<MethodReply>;
  /** Queues a message for a module's input; false when its bounded queue is full. Throws RangeError for a module without identity. */
  injectInput(moduleId: string, input: string, message: InputMessage): boolean;
  isConnected(moduleId: string): boolean;
  /** Forgets a module that was removed: its connection, session and queue. */
  forget(moduleId: string): void;
  stop(): Promise<void>;
}

/** Starts the local hub: MQTT 3.1.1 over TLS for the device's modules, as edgeHub speaks it. */
export async function startHub(options: HubOptions): Promise<Hub> {
  const { deviceId, twins, log, onEvent } = options;
  const sessions = new Sessions(deviceId, (text) => log('warning', text));
  const methods = new Methods(deviceId, sessions);
  const telemetry = new Telemetry({ ...options, sessions }, options.router);
  const clients = new ConnectedClients(deviceId, twins);
  const tell = (module: string, event: 'connected' | 'disconnected', text: string) =>
    onEvent({ type: 'module', time: new Date().toISOString(), module, event, text });
  const broker = await startBroker({
    rules: options,
    sessions,
    log,
    onPublish: (session, packet) => handlePublish(session, packet, { deviceId, telemetry, methods, twins, log }),
    onConnected(moduleId, remote) {
      clients.connected(moduleId);
      tell(moduleId, 'connected', `connected to the hub from ${remote}`);
    },
    onDisconnected(moduleId, reason) {
      clients.disconnected(moduleId);
      tell(moduleId, 'disconnected', `disconnected from the hub: ${reason}`);
    },
  });
  const stopListening = twins.onChange((change) => {
    const { moduleId: module, section, patch, version } = change;
    onEvent({ type: 'twin', time: new Date().toISOString(), module, section, patch, version });
    const session = section === 'desired' ? sessions.find(module) : undefined;
    if (session !== undefined) pushDesired(session, change);
  });
  const server = await startMqttServer(options.listen, options.tls, broker.handle, (text) => log('debug', text)).catch(
    async (error: Error) => {
      stopListening();
      await broker.close();
      throw error;
    },
  );
  return {
    address: server.address,
    setRouter(router) {
      telemetry.router = router;
    },
    invokeMethod: (moduleId, name, payload, timeouts = {}) => methods.invoke(moduleId, name, payload, timeouts),
    injectInput(moduleId, input, { data, properties = {}, systemProperties = {} }) {
      if (options.identities.find(moduleId) === undefined) throw new RangeError(`there is no module "${moduleId}"`);
      const { inputs } = sessions.get(moduleId);
      return inputs.offer({ input, data, properties: { ...properties }, systemProperties: { ...systemProperties } });
    },
    isConnected: (moduleId) => sessions.find(moduleId)?.connection !== undefined,
    forget(moduleId) {
      sessions.forget(moduleId);
      broker.forget(moduleId);
      clients.forget(moduleId);
    },
    async stop() {
      methods.stop();
      sessions.endAll();
      await broker.close();
      await server.close();
      stopListening();
    },
  };
}
