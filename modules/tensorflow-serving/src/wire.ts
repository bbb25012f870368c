// protobufjs/minimal is CommonJS and its type file names no default export under nodenext.
import { createRequire } from 'node:module';
import type { Reader as ProtobufReader, Writer as ProtobufWriter } from 'protobufjs';

const minimal = createRequire(import.meta.url)('protobufjs/minimal.js') as {
  Reader: { create(bytes: Uint8Array): ProtobufReader };
  Writer: { create(): ProtobufWriter };
};

export type Reader = ProtobufReader;
export type Writer = ProtobufWriter;

export const newReader = (bytes: Uint8Array): Reader => minimal.Reader.create(bytes);
export const newWriter = (): Writer => minimal.Writer.create();

export const VARINT = 0;
export const FIXED64 = 1;
export const FIXED32 = 5;
export const BYTES = 2;

/** Field number and wire type in one number, as it stands on the wire. */
export const tag = (field: number, wireType: number): number => ((field << 3) | wireType) >>> 0;

/** The body is not the message it should be. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

/**
 * Calls `field` for each field until `end`. A field that is not handled (an unknown number, or a known one with another
 * wire type) is skipped, as protobuf prescribes.
 */
export function readFields(reader: Reader, end: number, field: (tag: number) => boolean): void {
  while (reader.pos < end) {
    const next = reader.uint32();
    if (next >>> 3 === 0) throw new WireError(`field number 0 at offset ${reader.pos}`);
    if (!field(next)) reader.skipType(next & 7);
  }
  if (reader.pos > end) throw new WireError(`a field runs over the end of its message at offset ${end}`);
}

/** Reads a length and checks that so many bytes are there. */
export function readEnd(reader: Reader): number {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) {
    throw new WireError(`${length} bytes announced at offset ${reader.pos}, ${reader.len - reader.pos} are left`);
  }
  return end;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads a string with its length. protobufjs' own takes what is there of one that is cut short, and any bytes for text. */
export function readString(reader: Reader): string {
  const end = readEnd(reader);
  const bytes = reader.buf.subarray(reader.pos, end);
  reader.pos = end;
  try {
    return utf8.decode(bytes);
  } catch {
    throw new WireError(`a string before offset ${end} is not UTF-8`);
  }
}

/** Writes a field that is a message. */
export function writeMessage<T>(
  writer: Writer,
  field: number,
  message: T,
  write: (writer: Writer, message: T) => void,
): void {
  writer.uint32(tag(field, BYTES)).fork();
  write(writer, message);
  writer.ldelim();
}

/** Writes a `map<string, T>`: one entry of key and message for each. */
export function writeMap<T>(
  writer: Writer,
  field: number,
  entries: Iterable<readonly [string, T]>,
  write: (writer: Writer, message: T) => void,
): void {
  for (const [key, message] of entries) {
    writer.uint32(tag(field, BYTES)).fork();
    writer.uint32(tag(1, BYTES)).string(key);
    writeMessage(writer, 2, message, write);
    writer.ldelim();
  }
}

/**
 * Reads an entry of a `map<string, T>` into `map`. `absent` is what an entry without a message holds; `what` names the
 * entries in the error when there are more than `most`.
 */
export function readMapEntry<T>(
  reader: Reader,
  map: Map<string, T>,
  { absent, read, most, what }: { absent: T; read: (reader: Reader, end: number) => T; most: number; what: string },
): void {
  let key = '';
  let message = absent;
  readFields(reader, readEnd(reader), (field) => {
    switch (field) {
      case tag(1, BYTES):
        key = readString(reader);
        return true;
      case tag(2, BYTES):
        message = read(reader, readEnd(reader));
        return true;
      default:
        return false;
    }
  });
  map.set(key, message);
  if (map.size > most) throw new WireError(`more than ${most} ${what}`);
}

/** An int64 as a number: exact to 2^53, which is beyond every bound that is checked afterwards. */
export function readInt64(reader: Reader): number {
  return Number(reader.int64());
}
