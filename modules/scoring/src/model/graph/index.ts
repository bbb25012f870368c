/** What an ONNX file holds beside its weights, field by field, and what a network costs on a card. */
export { type DeviceTime, modelDeviceTime, timeOf } from './device-time.js';
export { type FileField, fieldsOfFile, type Range, readRange } from './file-fields.js';
export { type Layer, layersOf, readConstants } from './layers.js';
export { packedIntegers, readAttributes } from './node-attributes.js';
export {
  type ExternalData,
  type OnnxModel,
  type OnnxNode,
  type OnnxValue,
  readOnnxModel,
  type Weight,
} from './onnx-model.js';
export { ROUNDING_FUNCTIONS } from './shape-after.js';
export { readWeightInfo, type WeightInfo } from './weight-info.js';
export { type Field, fieldHeader, fieldsOf, lengthDelimited, text, textOf, varint } from './wire.js';
