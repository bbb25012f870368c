import { type Any, packAny } from './any.js';
import { BYTES, FIXED64, newWriter, tag, VARINT, type Writer, writeMap, writeMessage } from './wire.js';

/** What `google.protobuf.Value` can say: JSON. */
export type StructValue = null | number | string | boolean | readonly StructValue[] | StructObject;
export interface StructObject {
  readonly [key: string]: StructValue;
}

/** `google.protobuf.Struct`, packed; every protobuf library turns it into its language's own maps. */
export function packStruct(fields: StructObject): Any {
  const writer = newWriter();
  writeStruct(writer, fields);
  return packAny('google.protobuf.Struct', writer.finish());
}

function writeStruct(writer: Writer, fields: StructObject): void {
  writeMap(writer, 1, Object.entries(fields), writeValue);
}

/** One of a choice, so what is zero or empty is written, too. */
function writeValue(writer: Writer, value: StructValue): void {
  if (value === null) writer.uint32(tag(1, VARINT)).int32(0);
  else if (typeof value === 'number') writer.uint32(tag(2, FIXED64)).double(value);
  else if (typeof value === 'string') writer.uint32(tag(3, BYTES)).string(value);
  else if (typeof value === 'boolean') writer.uint32(tag(4, VARINT)).bool(value);
  else if (isList(value)) writeMessage(writer, 6, value, writeList);
  else writeMessage(writer, 5, value, writeStruct);
}

function writeList(writer: Writer, values: readonly StructValue[]): void {
  for (const value of values) writeMessage(writer, 1, value, writeValue);
}

/** `Array.isArray` does not know readonly arrays. */
function isList(value: StructValue): value is readonly StructValue[] {
  return Array.isArray(value);
}
