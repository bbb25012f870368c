import protobuf from 'protobufjs/minimal.js';

/** Protocol buffers, read field by field without a schema: only what the splitting of ONNX graphs looks at is decoded. */
export const VARINT = 0;
export const LENGTH_DELIMITED = 2;

const NOTHING = new Uint8Array(0);

export interface Field {
  readonly number: number;
  readonly wireType: number;
  /** Of a varint; larger ones than a number holds exactly are not used here. */
  readonly value: number;
  /** Of a length-delimited field; empty for the others. */
  readonly bytes: Uint8Array;
}

/** Throws RangeError (protobufjs: `index out of range`) when the message is cut off. */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
  const reader = protobuf.Reader.create(message);
  while (reader.pos < reader.len) {
    const key = reader.uint32();
    const [number, wireType] = [key >>> 3, key & 7];
    let [value, bytes]: [number, Uint8Array] = [0, NOTHING];
    if (wireType === VARINT) value = Number(reader.int64().toString());
    else if (wireType === LENGTH_DELIMITED) bytes = reader.bytes();
    else reader.skipType(wireType);
    yield { number, wireType, value, bytes };
  }
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** A key and a length, for a field whose content is written after it. */
export function fieldHeader(number: number, length: number): Uint8Array {
  return protobuf.Writer.create()
    .uint32((number << 3) | LENGTH_DELIMITED)
    .uint32(length)
    .finish();
}

export function lengthDelimited(number: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([fieldHeader(number, content.length), content]);
}

export function varint(number: number, value: number): Uint8Array {
  return protobuf.Writer.create()
    .uint32((number << 3) | VARINT)
    .int64(value)
    .finish();
}

export function text(number: number, value: string): Uint8Array {
  return lengthDelimited(number, new TextEncoder().encode(value));
}
