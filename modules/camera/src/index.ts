/** A camera that posts frames to a scoring server: what the camera module runs, for use in other programs and tests. */
export { Camera, type CameraOptions } from './camera.js';
export {
  type CameraConfig,
  type ConfigResult,
  cameraConfigSchema,
  checkConfig,
  DEFAULTS,
  type SourceConfig,
} from './config/camera-config.js';
export type { FrameCounters, FrameMessage } from './frame-message.js';
export { Poster, type PostResult } from './poster.js';
