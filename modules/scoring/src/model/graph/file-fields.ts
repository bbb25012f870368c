import type { FileHandle } from 'node:fs/promises';
import { LENGTH_DELIMITED, VARINT } from './wire.js';

/** A stretch of a file. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface FileField extends Range {
  readonly number: number;
  readonly wireType: number;
  readonly value: number;
  /** Where the content of a length-delimited field begins; it goes to `end`. */
  readonly content: number;
}

/** Longest key and length (or value) of a field in bytes. */
const HEADER = 20;

/**
 * The fields of a message that lies in a file, without reading their contents: gigabytes of weights cost a few small
 * reads. Throws Error when the message is no protocol buffer or is cut off.
 */
export async function* fieldsOfFile(file: FileHandle, { start, end }: Range): AsyncGenerator<FileField> {
  const buffer = Buffer.alloc(4096);
  let window = { start: 0, end: 0 };
  for (let at = start; at < end; ) {
    if (at < window.start || at + HEADER > window.end) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - at), at);
      window = { start: at, end: at + bytesRead };
    }
    const bytes = buffer.subarray(at - window.start, window.end - window.start);
    const key = readVarint(bytes, 0, at);
    const wireType = Number(key.value & 7n);
    const number = Number(key.value >> 3n);
    let [value, content, next] = [0, at + key.length, at + key.length];
    if (wireType === VARINT || wireType === LENGTH_DELIMITED) {
      const read = readVarint(bytes, key.length, at);
      value = Number(BigInt.asIntN(64, read.value));
      content = at + key.length + read.length;
      next = wireType === VARINT ? content : content + value;
    } else if (wireType === 1 || wireType === 5) next += wireType === 1 ? 8 : 4;
    else throw new Error(`not an ONNX model: byte ${at} starts no field of a protocol buffer`);
    const backward = wireType === LENGTH_DELIMITED && value < 0;
    if (number < 1 || backward) throw new Error(`not an ONNX model: byte ${at} starts no field of a protocol buffer`);
    if (next > end) throw new Error(`not a whole ONNX model: the field at byte ${at} ends at ${next}, after ${end}`);
    yield { number, wireType, value, content, start: at, end: next };
    at = next;
  }
}

export async function readRange(file: FileHandle, { start, end }: Range): Promise<Buffer> {
  const bytes = Buffer.alloc(end - start);
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, start + done);
    if (bytesRead === 0) throw new Error(`the file ends at byte ${start + done}, expected ${end}`);
    done += bytesRead;
  }
  return bytes;
}

function readVarint(bytes: Uint8Array, offset: number, at: number): { value: bigint; length: number } {
  let value = 0n;
  for (let length = 0; length < 10; length++) {
    const byte = bytes[offset + length];
    if (byte === undefined) throw new Error(`not a whole ONNX model: a number at byte ${at} is cut off`);
    value |= BigInt(byte & 0x7f) << BigInt(7 * length);
    if (byte < 0x80) return { value, length: length + 1 };
  }
  throw new Error(`not an ONNX model: a number at byte ${at} is longer than 10 bytes`);
}
