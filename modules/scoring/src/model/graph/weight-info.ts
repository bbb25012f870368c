import type { FileHandle } from 'node:fs/promises';
import { fieldsOfFile, type Range, readRange } from './file-fields.js';
import { packedIntegers } from './node-attributes.js';
import { LENGTH_DELIMITED } from './wire.js';

/** A constant tensor in an ONNX file; its values stay there. */
export interface WeightInfo {
  readonly dims: readonly number[];
  /** TensorProto.DataType; 1 is float32. */
  readonly type: number;
  /** Where its values lie, little-endian; absent when they are stored in a way that cannot be changed in place. */
  readonly values?: Range;
}

/** TensorProto: dims (1), data_type (2), float_data (4), raw_data (9). */
export async function readWeightInfo(file: FileHandle, range: Range): Promise<WeightInfo> {
  const dims: number[] = [];
  let type = 0;
  const stored: Range[] = [];
  for await (const field of fieldsOfFile(file, range)) {
    const content = { start: field.content, end: field.end };
    if (field.number === 1 && field.wireType === LENGTH_DELIMITED)
      dims.push(...packedIntegers(await readRange(file, content)));
    else if (field.number === 1) dims.push(field.value);
    else if (field.number === 2) type = field.value;
    // Packed, float_data has the bytes of raw_data.
    else if ((field.number === 9 || field.number === 4) && field.wireType === LENGTH_DELIMITED) stored.push(content);
  }
  const bytes = 4 * dims.reduce((product, size) => product * size, 1);
  const [values] = stored;
  const whole = stored.length === 1 && values!.end - values!.start === bytes;
  return { dims, type, ...(whole && { values: values! }) };
}
