import { WireError } from './wire.js';

/** Length and its checksum before the data, the data's checksum after it. */
const HEAD_BYTES = 12;
const TAIL_BYTES = 4;

/**
 * The records of a TFRecord file (tensorflow, `core/lib/io/record_writer.h`): each a length, a checksum of that, the data,
 * a checksum of those. The data are views into `file`.
 *
 * @throws WireError when a record is cut short or a checksum is another one
 */
export function* readTfRecords(file: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = 0, index = 0; at < file.length; index++) {
    if (file.length - at < HEAD_BYTES) throw new WireError(`record ${index}: is cut short`);
    checkSum(view, at, 8, index);
    const length = view.getBigUint64(at, true);
    if (length > BigInt(file.length - at - HEAD_BYTES - TAIL_BYTES))
      throw new WireError(`record ${index}: is cut short`);
    const [start, bytes] = [at + HEAD_BYTES, Number(length)];
    checkSum(view, start, bytes, index);
    yield file.subarray(start, start + bytes);
    at = start + bytes + TAIL_BYTES;
  }
}

/** The file of these records. */
export function writeTfRecords(records: readonly Uint8Array[]): Buffer {
  const parts = records.flatMap((record) => {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeBigUInt64LE(BigInt(record.length));
    head.writeUInt32LE(maskedCrc(head.subarray(0, 8)), 8);
    const tail = Buffer.alloc(TAIL_BYTES);
    tail.writeUInt32LE(maskedCrc(record));
    return [head, record, tail];
  });
  return Buffer.concat(parts);
}

/** The checksum stands after what it is of. */
function checkSum(view: DataView, start: number, bytes: number, index: number): void {
  const found = maskedCrc(new Uint8Array(view.buffer, view.byteOffset + start, bytes));
  if (view.getUint32(start + bytes, true) !== found)
    throw new WireError(`record ${index}: its checksum is another one`);
}

/** Masked, because a checksum of data that hold checksums would be weak (tensorflow, `core/lib/hash/crc32c.h`). */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

const CASTAGNOLI = 0x82f63b78;
const TABLE = Uint32Array.from({ length: 256 }, (_, value) => {
  let crc = value;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ CASTAGNOLI : crc >>> 1;
  return crc;
});

function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
