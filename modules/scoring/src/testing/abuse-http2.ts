import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Random } from './random.js';

const PATH = '/tensorflow.serving.PredictionService/Predict';
/** What a caller that misbehaves waits for before it goes. */
const PATIENCE_MS = 300;

/** gRPC's frame: compressed or not, a length, the message. */
function frame(message: Buffer, { compressed = 0, length = message.length } = {}): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(compressed);
  head.writeUInt32BE(length >>> 0, 1);
  return Buffer.concat([head, message]);
}

/** 32 MiB of nothing. */
const BOMB = gzipSync(Buffer.alloc(32 << 20));

type Abuse = (address: string, random: Random) => Promise<void>;

/** Ways to misbehave below protobuf; each ends by itself, and its connection with it. */
export const ABUSES: Readonly<Record<string, Abuse>> = {
  resetAfterHeaders: stream(async (call) => call.close(8)),
  resetInTheBody: stream(async (call) => {
    call.write(frame(Buffer.alloc(100), { length: 4000 }));
    call.close(8);
  }),
  bodyCutShort: stream(async (call) => void call.end(frame(Buffer.alloc(10), { length: 20 }))),
  bodyTooLong: stream(async (call) => void call.end(Buffer.concat([frame(Buffer.from([1])), Buffer.alloc(40)]))),
  lengthOf4GiB: stream(async (call) => void call.end(frame(Buffer.alloc(10), { length: 0xffff_ffff }))),
  noBody: stream(async (call) => void call.end()),
  slowBody: stream(async (call) => void call.write(Buffer.from([0, 0]))),
  notGzip: stream(async (call) => void call.end(frame(Buffer.from('no gzip'), { compressed: 1 })), {
    'grpc-encoding': 'gzip',
  }),
  gzipBomb: stream(async (call) => void call.end(frame(BOMB, { compressed: 1 })), { 'grpc-encoding': 'gzip' }),
  otherContent: stream(async (call) => void call.end('{}'), { 'content-type': 'application/json' }),
  largeHeader: stream(async (call) => void call.end(), { 'x-large': 'x'.repeat(60_000) }),
  otherMethod: stream(async (call) => void call.end(), { ':method': 'GET' }),
  strangeDeadline: stream(async (call) => void call.end(frame(Buffer.alloc(0))), { 'grpc-timeout': '99999999999H' }),
  noise: socket((tcp, random) => tcp.write(Buffer.from(Array.from({ length: 400 }, () => random.below(256))))),
  framesOfNoise: socket((tcp, random) => {
    tcp.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    const type = random.below(12);
    tcp.write(Buffer.from([0, 0, 9, type, random.below(256), 0, 0, 0, random.below(4), ...Array(9).fill(255)]));
  }),
  halfClosed: socket((tcp) => {
    tcp.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    tcp.end();
  }),
  http1: socket((tcp) => tcp.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')),
};

function stream(act: (call: ClientHttp2Stream) => Promise<void>, headers: Record<string, string> = {}): Abuse {
  return async (address) => {
    const session: ClientHttp2Session = connectHttp2(`http://${address}`);
    session.on('error', () => {}); // what the server makes of it is its own affair
    const call = session.request({
      ...{ ':method': 'POST', ':path': PATH, 'content-type': 'application/grpc', te: 'trailers' },
      ...headers,
    });
    const ended = new Promise<void>((resolve) => {
      call.on('error', () => {}).on('close', resolve);
      call.resume();
    });
    await act(call);
    await orAfterPatience(ended);
    session.destroy();
  };
}

function socket(act: (tcp: Socket, random: Random) => void): Abuse {
  return async (address, random) => {
    const [host, port] = address.split(':');
    const tcp = connectTcp(Number(port), host);
    const ended = new Promise<void>((resolve) => {
      tcp.on('error', () => {}).on('close', () => resolve());
    });
    tcp.resume();
    tcp.once('connect', () => act(tcp, random));
    await orAfterPatience(ended);
    tcp.destroy();
  };
}

async function orAfterPatience(ended: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS);
  });
  await Promise.race([ended, patience]);
  clearTimeout(timer);
}
