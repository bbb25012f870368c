import type { Enum, FieldBase, MapField, Method, OneOf, Service, Type } from 'protobufjs';
import { BYTES, newWriter, tag, VARINT, type Writer, writeMessage } from './wire.js';

/** What stands in one .proto text. */
export interface ProtoContents {
  readonly name: string;
  readonly package: string;
  readonly imports: readonly string[];
  readonly messages: readonly Type[];
  readonly enums: readonly Enum[];
  readonly services: readonly Service[];
}

/** `google.protobuf.FieldDescriptorProto.Type`, by the names of a .proto text. */
const SCALARS: Readonly<Record<string, number>> = {
  ...{ double: 1, float: 2, int64: 3, uint64: 4, int32: 5, fixed64: 6, fixed32: 7, bool: 8, string: 9, bytes: 12 },
  ...{ uint32: 13, sfixed32: 15, sfixed64: 16, sint32: 17, sint64: 18 },
};
const MESSAGE = 11;
const ENUM = 14;
const OPTIONAL = 1;
const REPEATED = 3;

interface FieldFacts {
  readonly name: string;
  readonly number: number;
  readonly label: number;
  readonly type: number;
  /** Full, with its leading dot. */
  readonly typeName?: string | undefined;
  readonly oneof?: number;
  readonly jsonName?: string | undefined;
}

/**
 * A serialized `google.protobuf.FileDescriptorProto` of resolved reflection objects. protobufjs' own
 * (`protobufjs/ext/descriptor`) merges files, names map entries otherwise than protoc, and drops names in JSON: Go's
 * clients refuse it.
 */
export function encodeFileDescriptor(file: ProtoContents): Uint8Array {
  const writer = newWriter();
  writeText(writer, 1, file.name);
  writeText(writer, 2, file.package);
  for (const name of file.imports) writeText(writer, 3, name);
  for (const message of file.messages) writeMessage(writer, 4, message, writeType);
  for (const one of file.enums) writeMessage(writer, 5, one, writeEnum);
  for (const service of file.services) writeMessage(writer, 6, service, writeService);
  writeText(writer, 12, 'proto3');
  return writer.finish();
}

function writeType(writer: Writer, type: Type): void {
  const fields: readonly FieldBase[] = type.fieldsArray;
  writeText(writer, 1, type.name);
  for (const field of fields) writeMessage(writer, 2, factsOf(field, type), writeField);
  for (const nested of type.nestedArray) {
    if ('fieldsArray' in nested) writeMessage(writer, 3, nested as Type, writeType);
  }
  for (const field of fields) {
    if (isMap(field)) writeMessage(writer, 3, field, writeMapEntry);
  }
  for (const nested of type.nestedArray) {
    if ('valuesById' in nested) writeMessage(writer, 4, nested as Enum, writeEnum);
  }
  for (const oneof of type.oneofsArray) writeMessage(writer, 8, oneof, writeOneof);
}

function isMap(field: FieldBase): field is MapField {
  return field.map;
}

function factsOf(field: FieldBase, parent: Type): FieldFacts {
  const { name, id: number, repeated, map, partOf, options } = field;
  const type = map ? { type: MESSAGE, typeName: `${parent.fullName}.${entryName(name)}` } : typeOf(field);
  return {
    ...{ name, number, label: repeated || map ? REPEATED : OPTIONAL, ...type },
    ...(partOf && { oneof: parent.oneofsArray.indexOf(partOf) }),
    jsonName: options?.json_name as string | undefined,
  };
}

function typeOf({ type, resolvedType }: FieldBase): Pick<FieldFacts, 'type' | 'typeName'> {
  if (!resolvedType) return { type: SCALARS[type]! };
  return { type: 'fieldsArray' in resolvedType ? MESSAGE : ENUM, typeName: resolvedType.fullName };
}

/** A map is a repeated message of a key and a value, which protoc names after its field. */
function writeMapEntry(writer: Writer, field: MapField): void {
  writeText(writer, 1, entryName(field.name));
  const key = { name: 'key', number: 1, label: OPTIONAL, type: SCALARS[field.keyType]! };
  writeMessage<FieldFacts>(writer, 2, key, writeField);
  writeMessage<FieldFacts>(writer, 2, { name: 'value', number: 2, label: OPTIONAL, ...typeOf(field) }, writeField);
  writeMessage(writer, 7, true, (options, isEntry) => options.uint32(tag(7, VARINT)).bool(isEntry));
}

function entryName(field: string): string {
  return `${field.replace(/(?:^|_)(.)/g, (_, first: string) => first.toUpperCase())}Entry`;
}

function writeField(writer: Writer, { name, number, label, type, typeName, oneof, jsonName }: FieldFacts): void {
  writeText(writer, 1, name);
  writer.uint32(tag(3, VARINT)).int32(number).uint32(tag(4, VARINT)).int32(label).uint32(tag(5, VARINT)).int32(type);
  if (typeName !== undefined) writeText(writer, 6, typeName);
  if (oneof !== undefined) writer.uint32(tag(9, VARINT)).int32(oneof);
  if (jsonName !== undefined) writeText(writer, 10, jsonName);
}

function writeOneof(writer: Writer, { name }: OneOf): void {
  writeText(writer, 1, name);
}

function writeEnum(writer: Writer, { name, values }: Enum): void {
  writeText(writer, 1, name);
  for (const value of Object.entries(values)) {
    writeMessage(writer, 2, value, (inner, [key, number]) => {
      writeText(inner, 1, key);
      inner.uint32(tag(2, VARINT)).int32(number);
    });
  }
}

function writeService(writer: Writer, { name, methodsArray }: Service): void {
  writeText(writer, 1, name);
  for (const method of methodsArray) writeMessage(writer, 2, method, writeMethod);
}

function writeMethod(writer: Writer, method: Method): void {
  writeText(writer, 1, method.name);
  writeText(writer, 2, method.resolvedRequestType!.fullName);
  writeText(writer, 3, method.resolvedResponseType!.fullName);
  if (method.requestStream) writer.uint32(tag(5, VARINT)).bool(true);
  if (method.responseStream) writer.uint32(tag(6, VARINT)).bool(true);
}

function writeText(writer: Writer, field: number, text: string): void {
  writer.uint32(tag(field, BYTES)).string(text);
}
