export type {
  Card,
  CardCounters,
  CardHealth,
  CardInfo,
  CardKind,
  CardNeeds,
  CardNetwork,
  CardRoleStatus,
  LoadOptions,
  LoadReport,
  OpenOptions,
  RunOptions,
  RunReport,
} from './card.js';
export type { CatapultNode, CatapultProbe } from './catapult-probe.js';
export { type CardSeverity, type CardStatusName, DeviceError } from './device-error.js';
export { type FileLock, type LockWait, loadFileLock } from './file-lock.js';
export { attachCard, openCard } from './open-card.js';
export { type ProbeOptions, probeCatapult } from './probe.js';
export type { SampleAxis, SamplePixels, SamplePlan } from './sample-pixels.js';
export { loadSampler } from './sampler.js';
