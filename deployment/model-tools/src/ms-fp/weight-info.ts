import type { FileHandle } from 'node:fs/promises';
import { fieldsOfFile, type Range, readRange } from '../import/file-fields.js';
import { fieldsOf } from '../import/wire.js';

/** A constant tensor in an ONNX file; its values stay there. */
export interface WeightInfo {
  readonly dims: readonly number[];
  /** TensorProto.DataType; 1 is float32. */
  readonly type: number;
  /** Where its values lie, little-endian; absent when they are stored in a way that cannot be changed in place. */
  readonly values?: Range;
}

const LENGTH_DELIMITED = 2;

/** TensorProto: dims (1), data_type (2), float_data (4), raw_data (9). */
export async function readWeightInfo(file: FileHandle, range: Range): Promise<WeightInfo> {
  const dims: number[] = [];
  let type = 0;
  const stored: Range[] = [];
  for await (const field of fieldsOfFile(file, range)) {
    const content = { start: field.content, end: field.end };
    if (field.number === 1 && field.wireType === LENGTH_DELIMITED) dims.push(...packed(await readRange(file, content)));
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

/** Packed varints, read as fields without keys: each below 2^53. */
function packed(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  let [value, factor] = [0, 1];
  for (const byte of bytes) {
    value += (byte & 0x7f) * factor;
    factor *= 128;
    if (byte < 0x80) {
      numbers.push(value);
      [value, factor] = [0, 1];
    }
  }
  return numbers;
}

/** The whole numbers among a node's attributes (NodeProto 5 -> AttributeProto: name 1, i 3). */
export function integerAttributes(node: Uint8Array): ReadonlyMap<string, number> {
  const attributes = new Map<string, number>();
  for (const { number, bytes } of fieldsOf(node)) {
    if (number !== 5) continue;
    let name = '';
    let value: number | undefined;
    for (const field of fieldsOf(bytes)) {
      if (field.number === 1) name = Buffer.from(field.bytes).toString();
      else if (field.number === 3) value = field.value;
    }
    if (value !== undefined) attributes.set(name, value);
  }
  return attributes;
}
