export type { CatapultNode, CatapultProbe } from './catapult-probe.js';
export { type FileLock, type LockWait, loadFileLock } from './file-lock.js';
export { type ProbeOptions, probeCatapult } from './probe.js';
export type { SampleAxis, SamplePixels, SamplePlan } from './sample-pixels.js';
export { loadSampler } from './sampler.js';
