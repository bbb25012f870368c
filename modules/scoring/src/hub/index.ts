export { connectHub, type Hub, type HubOptions, type HubServer } from './connect-hub.js';
export { configWithDesired } from './start-config.js';
export { openTelemetrySpool } from './telemetry-spool.js';
