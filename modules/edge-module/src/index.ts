export type {
  ConnectionFactory,
  HubConnection,
  IncomingMessage,
  InputHandler,
  MethodHandler,
  MethodOptions,
  MethodReply,
  TwinSnapshot,
} from './connection/hub-connection.js';
export { connectEdgeModule } from './edge-module.js';
export type {
  DesiredListener,
  EdgeModule,
  EdgeModuleCounters,
  EdgeModuleOptions,
  EdgeModuleTimings,
} from './edge-module-api.js';
export type { OutboxOptions } from './outbox.js';
export { Spool, type SpoolOptions } from './spool.js';
export type { Desired, NamedSections } from './twin/desired-twin.js';
export { isJsonObject, type JsonObject } from './twin/merge-patch.js';
