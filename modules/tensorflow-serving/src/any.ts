import { BYTES, type Reader, readFields, readString, tag, type Writer } from './wire.js';

/** `google.protobuf.Any`: a message of the type that `typeUrl` names. */
export interface Any {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/** Packs the bytes of a message as protobuf's own `Any.Pack` does. */
export function packAny(typeName: string, value: Uint8Array): Any {
  return { typeUrl: `type.googleapis.com/${typeName}`, value };
}

export function readAny(reader: Reader, end: number): Any {
  let typeUrl = '';
  let value: Uint8Array = new Uint8Array();
  readFields(reader, end, (field) => {
    switch (field) {
      case tag(1, BYTES):
        typeUrl = readString(reader);
        return true;
      case tag(2, BYTES):
        value = reader.bytes();
        return true;
      default:
        return false;
    }
  });
  return { typeUrl, value };
}

export function writeAny(writer: Writer, { typeUrl, value }: Any): void {
  if (typeUrl !== '') writer.uint32(tag(1, BYTES)).string(typeUrl);
  if (value.length > 0) writer.uint32(tag(2, BYTES)).bytes(value);
}
