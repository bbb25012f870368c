import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DataType,
  decodePredictionLog,
  floatValues,
  readTfRecords,
  stringValues,
  type TensorProto,
} from '@edgeslot/tensorflow-serving';
import type { FrameInput } from '../device/device.js';
import { scoringError } from '../errors.js';
import type { Package } from '../model/package.js';

/** Where TensorFlow Serving looks for them, and how many it takes (`servables/tensorflow/saved_model_warmup_util.h`). */
export const WARM_UP_FILE = 'assets.extra/tf_serving_warmup_requests';
const MOST_RECORDS = 1000;
const MOST_BYTES = 64 * 2 ** 20;
const MOST_VALUES = MOST_BYTES / 4;

/** One grey JPEG of 8×8 pixels: it takes the way of every camera's frame, decoder and sampler included. */
export const WARM_UP_PICTURE: Uint8Array = Buffer.from(
  '/9j/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AP//Z',
  'base64',
);

/**
 * The frames that a model is warmed up with: those of its own requests, if the package brings some, else one synthetic
 * picture.
 *
 * @throws ScoringError PACKAGE_WARM_UP when the file holds anything that is no Predict request of one tensor
 */
export async function warmUpFrames({ directory, manifest }: Package): Promise<FrameInput[]> {
  const file = manifest.files[WARM_UP_FILE];
  if (!file) return [{ kind: 'images', images: [WARM_UP_PICTURE] }];
  const refuse = (field: string, expected: string, found: string) =>
    scoringError('PACKAGE_WARM_UP', join(directory, WARM_UP_FILE), field, expected, found);
  if (file.bytes > MOST_BYTES) throw refuse('size', `at most ${MOST_BYTES} bytes`, String(file.bytes));
  const frames: FrameInput[] = [];
  try {
    for (const record of readTfRecords(await readFile(join(directory, WARM_UP_FILE)))) {
      if (frames.length === MOST_RECORDS) throw refuse('records', `at most ${MOST_RECORDS}`, 'more');
      const [tensor, ...more] = [...(decodePredictionLog(record)?.inputs.values() ?? [])];
      if (!tensor || more.length > 0) {
        throw refuse(`record ${frames.length}`, 'a PredictLog whose request has one tensor', 'another one');
      }
      frames.push(frameOf(tensor));
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'ScoringError') throw error;
    throw refuse('records', 'a TFRecord file of PredictionLogs', (error as Error).message);
  }
  if (frames.length === 0) throw refuse('records', 'at least one', 'none');
  return frames;
}

function frameOf(tensor: TensorProto): FrameInput {
  if (tensor.dtype === DataType.DT_STRING) return { kind: 'images', images: stringValues(tensor, MOST_RECORDS) };
  return { kind: 'tensor', shape: tensor.shape ?? [], data: floatValues(tensor, MOST_VALUES) };
}
