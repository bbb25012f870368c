export type * from './control/control-api.js';
export { type Runtime, type RuntimeLog, type RuntimeOptions, startRuntime } from './runtime.js';
