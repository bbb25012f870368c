export type { CatapultNode, CatapultProbe } from './catapult-probe.js';
export { type ProbeOptions, probeCatapult } from './probe.js';
