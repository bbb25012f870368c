/** Public: one frame through a package, exactly as a lane does it. Only for worker threads: it blocks the thread it is called on. */
export type { FrameInput, FrameOutput, FrameTimings, TensorData } from './device.js';
export { FrameRunner } from './frame-runner.js';
export { freeMemory } from './free-memory.js';
export { estimateLaneBytes } from './lane-bytes.js';
export type { LaneStart } from './lane-messages.js';
export { AUTO, type LaneChoice, type LanePlan, planLanes } from './lane-plan.js';
