export { checkEdgeEnvironment, isEdgeEnvironment } from './connection/environment.js';
export type {
  ConnectionFactory,
  HubConnection,
  IncomingMessage,
  InputHandler,
  MethodHandler,
  MethodReply,
  TwinSnapshot,
} from './connection/hub-connection.js';
export {
  connectEdgeModule,
  type DesiredListener,
  type EdgeModule,
  type EdgeModuleCounters,
  type EdgeModuleOptions,
  type EdgeModuleTimings,
} from './edge-module.js';
export type { OutboxOptions } from './outbox.js';
export type { Desired } from './twin/desired-twin.js';
export { isJsonObject, type JsonObject } from './twin/merge-patch.js';
