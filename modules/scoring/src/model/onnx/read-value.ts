import type { OnnxValue } from './onnx-header.js';
import type { ProtoField, ProtoFile } from './proto-file.js';

/** TensorProto.DataType of `onnx.proto`, by number. */
const TYPES = (
  'UNDEFINED FLOAT UINT8 INT8 UINT16 INT16 INT32 INT64 STRING BOOL FLOAT16 DOUBLE UINT32 UINT64 COMPLEX64 COMPLEX128 ' +
  'BFLOAT16 FLOAT8E4M3FN FLOAT8E4M3FNUZ FLOAT8E5M2 FLOAT8E5M2FNUZ UINT4 INT4 FLOAT4E2M1'
).split(' ');

export const RANK_LIMIT = 64;

/** The name of a TensorProto.DataType. */
export function typeName(type: number): string {
  return TYPES[type] ?? `type ${type}`;
}

/** Reads a ValueInfoProto. */
export async function readValue(proto: ProtoFile, field: ProtoField): Promise<OnnxValue> {
  let name = '';
  let value: Omit<OnnxValue, 'name'> = { type: 'none' };
  await proto.walk(field, async (part) => {
    if (part.number === 1) name = await proto.text(part);
    if (part.number === 2) value = await readType(proto, part);
  });
  return { name, ...value };
}

async function readType(proto: ProtoFile, field: ProtoField): Promise<Omit<OnnxValue, 'name'>> {
  let value: Omit<OnnxValue, 'name'> = { type: 'none' };
  const others: Record<number, string> = { 4: 'sequence', 5: 'map', 7: 'opaque', 8: 'sparse tensor', 9: 'optional' };
  await proto.walk(field, async (part) => {
    const other = others[part.number];
    if (other) value = { type: other };
    if (part.number === 1) value = await readTensorType(proto, part);
  });
  return value;
}

async function readTensorType(proto: ProtoFile, field: ProtoField): Promise<Omit<OnnxValue, 'name'>> {
  let type = TYPES[0]!;
  let shape: readonly (number | string)[] | undefined;
  await proto.walk(field, async (part) => {
    if (part.number === 1) type = typeName(part.value);
    if (part.number === 2) shape = await readShape(proto, part);
  });
  return { type, ...(shape && { shape }) };
}

async function readShape(proto: ProtoFile, field: ProtoField): Promise<(number | string)[]> {
  const sizes: (number | string)[] = [];
  await proto.walk(field, async (part) => {
    if (part.number !== 1) return;
    let size: number | string = '?';
    await proto.walk(part, async (dimension) => {
      if (dimension.number === 1) size = dimension.value < 0 ? '?' : dimension.value;
      if (dimension.number === 2) size = (await proto.text(dimension)) || '?';
    });
    if (sizes.length <= RANK_LIMIT) sizes.push(size);
  });
  return sizes;
}
