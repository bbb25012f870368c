// Messages of the role's protocol and a graph, for tests; offsets as in native/include/edgeslot_role.h.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { buildCard } from './build-card.js';
import { floatToHalf } from './half.js';

export const OPERATION = { status: 1, health: 2, firmware: 3, init: 4, weights: 5, execute: 6, unload: 7, loopback: 8 };
export const RESULT = {
  ok: 0,
  badMessage: 1,
  badSize: 2,
  outOfOrder: 3,
  occupied: 4,
  incompatible: 5,
  badImage: 6,
  exception: 7,
  computeLost: 8,
};
const HEADER = 64;

export interface Message {
  readonly operation: number;
  readonly id?: bigint;
  readonly argument?: number;
  readonly payload?: Uint8Array;
}

export interface Answer {
  readonly id: bigint;
  readonly state: number;
  readonly result: number;
  readonly modelledNs: number;
  readonly measuredNs: number;
  readonly payload: Buffer;
}

export function encode({ operation, id = 1n << 32n, argument = 0, payload = new Uint8Array() }: Message): Buffer {
  const message = Buffer.alloc(HEADER + payload.length);
  message.write('ESR1', 'latin1');
  message.writeUInt16LE(1, 4);
  message.writeUInt16LE(operation, 6);
  message.writeBigUInt64LE(id, 8);
  message.writeUInt32LE(payload.length, 16);
  message.writeBigUInt64LE(BigInt(argument), 24);
  message.set(payload, HEADER);
  return message;
}

function decode(bytes: Buffer): Answer {
  if (bytes.toString('latin1', 0, 4) !== 'ESA1') throw new Error('not an answer');
  const length = bytes.readUInt32LE(16);
  return {
    id: bytes.readBigUInt64LE(8),
    state: bytes.readUInt32LE(20),
    result: bytes.readUInt32LE(24),
    modelledNs: Number(bytes.readBigUInt64LE(32)),
    measuredNs: Number(bytes.readBigUInt64LE(40)),
    payload: bytes.subarray(HEADER, HEADER + length),
  };
}

/** Sends raw bytes by a process of its own, which takes a slot and gives it back; answers what came in time. */
export async function sendBytes(node: string, bytes: Uint8Array, { timeoutMs = 10_000, answers = 1 } = {}) {
  const child = spawn(join(await buildCard(), 'card-send'), [node, String(timeoutMs), String(answers)]);
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (part) => out.push(part));
  child.stderr.on('data', (part) => err.push(part));
  child.stdin.on('error', () => undefined); // it may refuse before it reads
  child.stdin.end(bytes);
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(Buffer.concat(err).toString().trim());
  const all = Buffer.concat(out);
  const decoded: Answer[] = [];
  for (let at = 0; at < all.length; ) {
    const length = all.readUInt32LE(at);
    if (length > 0) decoded.push(decode(all.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return decoded;
}

/** One message and its answer. */
export async function send(node: string, message: Message): Promise<Answer> {
  const [answer] = await sendBytes(node, encode(message));
  if (!answer) throw new Error('no answer in time');
  return answer;
}

export interface Firmware {
  readonly input: readonly [number, number, number];
  readonly border: number;
  readonly output: readonly [number, number, number];
  readonly interleaved?: boolean;
  readonly cycles: number;
  readonly inputName: string;
  readonly outputName: string;
  /** Native dimension, and the least that a network of the table needs. */
  readonly needs?: readonly number[];
}

export function firmwarePayload(firmware: Firmware): Buffer {
  const payload = Buffer.alloc(584);
  const { input, border, output, interleaved = false, needs = [128, 2, 128, 9075, 12100, 422, 1461] } = firmware;
  needs.forEach((value, at) => {
    payload.writeUInt32LE(value, at * 4);
  });
  [...input, border, ...output, Number(interleaved)].forEach((value, at) => {
    payload.writeUInt32LE(value, 32 + at * 4);
  });
  payload.writeBigUInt64LE(BigInt(firmware.cycles), 64);
  payload.write(firmware.inputName, 72);
  payload.write(firmware.outputName, 328);
  return payload;
}

export function imagePayload(image: Uint8Array): Buffer {
  const payload = Buffer.alloc(40);
  payload.writeBigUInt64LE(BigInt(image.length));
  payload.set(createHash('sha256').update(image).digest(), 8);
  return payload;
}

export function halves(values: readonly number[]): Uint8Array {
  return new Uint8Array(Uint16Array.from(values, floatToHalf).buffer);
}

/** ONNX: `picture` [1,rows,columns,channels] -> Neg -> `negative` -> Transpose -> `turned` [1,channels,rows,columns]. */
export function negatingGraph(rows: number, columns: number, channels: number): Buffer {
  const text = (number: number, value: string) => field(number, Buffer.from(value));
  const value = (name: string, sizes: readonly number[]) => {
    const dims = Buffer.concat(sizes.map((size) => field(1, integer(1, size))));
    const tensor = Buffer.concat([integer(1, 1), field(2, dims)]);
    return Buffer.concat([text(1, name), field(2, field(1, tensor))]);
  };
  const node = (type: string, from: string, to: string, attribute: Buffer = Buffer.alloc(0)) =>
    field(1, Buffer.concat([text(1, from), text(2, to), text(4, type), attribute]));
  const perm = [text(1, 'perm'), ...[0, 3, 1, 2].map((axis) => integer(8, axis)), integer(20, 7)];
  const graph = Buffer.concat([
    node('Neg', 'picture', 'negative'),
    node('Transpose', 'negative', 'turned', field(5, Buffer.concat(perm))),
    text(2, 'negating'),
    field(11, value('picture', [1, rows, columns, channels])),
    field(12, value('turned', [1, channels, rows, columns])),
  ]);
  return Buffer.concat([integer(1, 8), field(8, integer(2, 13)), field(7, graph)]);
}

function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
}

function integer(number: number, value: number): Buffer {
  return Buffer.concat([varint(number * 8), varint(value)]);
}

function varint(value: number): Buffer {
  return value < 128
    ? Buffer.of(value)
    : Buffer.concat([Buffer.of((value % 128) + 128), varint(Math.floor(value / 128))]);
}
