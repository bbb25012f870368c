import type { FileHandle } from 'node:fs/promises';
import { type Range, readRange } from './file-fields.js';
import { packedIntegers } from './node-attributes.js';
import type { WeightInfo } from './weight-info.js';
import { fieldsOf, LENGTH_DELIMITED } from './wire.js';

/** TensorProto.DataType INT64. */
const INT64 = 7;
/** Shapes, pads and axes are short; longer lists are data. */
const MOST = 64;

/** The whole numbers of a constant tensor of the graph, where it is a short list of them. */
export async function readIntegers(
  file: FileHandle,
  range: Range,
  { type, dims }: WeightInfo,
): Promise<readonly number[] | undefined> {
  const count = dims.reduce((product, size) => product * size, 1);
  return type === INT64 && count <= MOST ? tensorIntegers(await readRange(file, range)) : undefined;
}

/** Those of a `Constant` node: its attribute `value` (NodeProto 5 -> AttributeProto t 5), or `value_ints` (8). */
export function integersOf(node: Uint8Array): readonly number[] | undefined {
  for (const { number, bytes } of fieldsOf(node)) {
    if (number !== 5) continue;
    const list: number[] = [];
    for (const field of fieldsOf(bytes)) {
      if (field.number === 5) return tensorIntegers(field.bytes);
      if (field.number !== 8) continue;
      if (field.wireType === LENGTH_DELIMITED) list.push(...packedIntegers(field.bytes));
      else list.push(field.value);
    }
    if (list.length > 0) return list;
  }
  return undefined;
}

/** TensorProto: data_type (2), int64_data (7), raw_data (9). */
function tensorIntegers(tensor: Uint8Array): readonly number[] | undefined {
  let type = 0;
  const numbers: number[] = [];
  for (const field of fieldsOf(tensor)) {
    if (field.number === 2) type = field.value;
    else if (field.number === 7 && field.wireType === LENGTH_DELIMITED) numbers.push(...packedIntegers(field.bytes));
    else if (field.number === 7) numbers.push(field.value);
    else if (field.number === 9) numbers.push(...rawIntegers(field.bytes));
  }
  return type === INT64 ? numbers : undefined;
}

function rawIntegers(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.byteLength / 8) }, (_, at) => Number(view.getBigInt64(8 * at, true)));
}
