/** A synthetic conveyor belt whose every frame is known from its seed: what the demo models are trained and tried on. */
export { renderFrame } from './render-frame.js';
export {
  COLOURS,
  FIRST_CAMERA_SEED,
  FRAME_HEIGHT,
  FRAME_WIDTH,
  OBJECTS,
  type SceneColour,
  type SceneFrame,
  type SceneObject,
  sceneFrame,
  TRAINING_SEEDS,
} from './scene-frame.js';
