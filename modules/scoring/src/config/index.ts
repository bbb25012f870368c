export type { LogLevel } from '@edgeslot/edge-module/log';
export type { Config, ReplyEncoding, SectionName, Sections } from './config.js';
export { type DesiredResult, LiveSettings, SECTION_NAMES, validateDesired } from './desired.js';
export { type ConfigSources, loadConfig } from './load-config.js';
export { configSchema } from './schema.js';
