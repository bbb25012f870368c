/** Public: what devices there are. Runs no model and loads no onnxruntime. */
export type { CardSearch, SurveyedCard } from './card-survey.js';
export { type DeviceList, listDevices } from './list-devices.js';
