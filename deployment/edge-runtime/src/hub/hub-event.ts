import type { RuntimeEvent } from '../control/control-api.js';

/** What the hub tells: messages with their sink, twin changes, modules that connect and disconnect. */
export type HubEvent = Extract<RuntimeEvent, { type: 'message' | 'twin' | 'module' }>;
