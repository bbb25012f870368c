import { crc32 } from 'node:zlib';
import type { Reservation } from './protocol-types.js';

/** Who took the lock last. */
export interface Holder {
  readonly module: string;
  readonly instance: string;
  /** In its own process namespace. */
  readonly pid: number;
  /** Of the host's start: a holder of another one is gone. */
  readonly bootId: string;
  /** ISO 8601. */
  readonly since: string;
  /** `name:version` of what it has loaded. */
  readonly model?: string;
}

/** What the lock file says. It is information: who has the lock is the truth. */
export interface LeaseRecord {
  /** Grows with every write. */
  readonly revision: number;
  /** The fencing number of the last who took the lock: 32 bits, from 1. */
  readonly epoch: number;
  readonly holder?: Holder;
  /** Set by a holder that gave the lock up for somebody. */
  readonly reserved?: Reservation;
}

export const COPIES = 2;
/** Bytes of each copy in the file. */
export const COPY_BYTES = 1024;
/** Names and models longer than this are cut, so that a record always fits. */
const LONGEST_TEXT = 200;

/** A line of text that an operator can read with `cat`: checksum, JSON, blanks, newline. */
export function encodeRecord(record: LeaseRecord): Buffer {
  const json = JSON.stringify(record, (_key, value) => (typeof value === 'string' ? cut(value) : value));
  const line = Buffer.alloc(COPY_BYTES, ' ');
  line.write('\n', COPY_BYTES - 1);
  line.write(`${checksum(json)} ${json}`);
  return line;
}

/** Nothing when the copy was never written, or not to its end. */
export function decodeRecord(copy: Uint8Array): LeaseRecord | undefined {
  const [sum, ...rest] = Buffer.from(copy).toString('utf8').trimEnd().split(' ');
  const json = rest.join(' ');
  if (json === '' || sum !== checksum(json)) return undefined;
  return JSON.parse(json) as LeaseRecord;
}

/** The newest copy that is whole. */
export function newestRecord(file: Uint8Array): LeaseRecord | undefined {
  let newest: LeaseRecord | undefined;
  for (let at = 0; at < COPIES; at++) {
    const record = decodeRecord(file.subarray(at * COPY_BYTES, (at + 1) * COPY_BYTES));
    if (record && record.revision > (newest?.revision ?? -1)) newest = record;
  }
  return newest;
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, '0');
}

/** ASCII only, so that characters are bytes and no copy ends within one. */
function cut(text: string): string {
  return text.slice(0, LONGEST_TEXT).replace(/[^\x20-\x7e]/g, '?');
}
