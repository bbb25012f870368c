import {
  DataType,
  dataTypeName,
  floatValues,
  stringValues,
  TensorParseError,
  type TensorProto,
} from '@edgeslot/tensorflow-serving';
import type { FrameInput } from '../device/device.js';
import { scoringError } from '../errors.js';

export interface InputLimits {
  /** Pictures in one call. */
  readonly maxBatch: number;
  readonly maxMessageBytes: number;
  /** Element types that the model takes; both where no model is known yet. */
  readonly dtypes: readonly string[];
  readonly model: string;
}

/** The one tensor of a request as what a lane takes: pictures (DT_STRING, [N] or a scalar) or floats (DT_FLOAT, [N, …]). */
export function frameInput(name: string, tensor: TensorProto, limits: InputLimits): FrameInput {
  const dtype = dataTypeName(tensor.dtype);
  if (!limits.dtypes.includes(dtype)) throw scoringError('INPUT_DTYPE', name, limits.dtypes.join(' or '), dtype);
  try {
    return tensor.dtype === DataType.DT_STRING ? pictures(name, tensor, limits) : floats(name, tensor, limits);
  } catch (error) {
    if (error instanceof TensorParseError) throw scoringError('TENSOR_MALFORMED', name, error.message);
    throw error;
  }
}

function pictures(name: string, tensor: TensorProto, { maxBatch, model }: InputLimits): FrameInput {
  const images = stringValues(tensor, maxBatch);
  if (tensor.shape!.length > 1 || images.length === 0) {
    // A scalar is one picture: perf_analyzer cannot send an unmodified JPEG in another way.
    throw scoringError('INPUT_SHAPE', name, model, `[N] with N from 1 to ${maxBatch}`, shapeText(tensor));
  }
  return { kind: 'images', images };
}

function floats(name: string, tensor: TensorProto, { maxBatch, maxMessageBytes, model }: InputLimits): FrameInput {
  // Padding would let a short message announce more than a message can hold.
  const data = floatValues(tensor, Math.floor(maxMessageBytes / 4));
  const batch = tensor.shape![0];
  if (batch === undefined || batch === 0 || batch > maxBatch) {
    throw scoringError('INPUT_SHAPE', name, model, `[N,…] with N from 1 to ${maxBatch}`, shapeText(tensor));
  }
  return { kind: 'tensor', shape: tensor.shape!, data };
}

function shapeText({ shape }: TensorProto): string {
  return `[${(shape ?? []).join(',')}]`;
}
