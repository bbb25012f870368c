// The process that computes for the card: orders on standard input, one answer a line on standard output, and memory
// shared as descriptor 3: one slot's worth of input, one of output, then the image of the network. Ends with its input.
import { readSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseOrder } from './compute-order.js';
import { Network } from './network.js';

const MEMORY = 3;
let network: Network | undefined;
let slotBytes = 0;
let input = new Uint16Array(0);
let output = new Uint16Array(0);

async function obey(line: string): Promise<void> {
  const order = parseOrder(line);
  if (order.kind === 'load') {
    slotBytes = order.slotBytes;
    const image = new Uint8Array(order.imageBytes);
    readAll(image, 2 * slotBytes);
    network = await Network.load(image, order.sha256, order.shape);
    input = new Uint16Array(network.inputValues);
    output = new Uint16Array(network.outputValues);
    return;
  }
  if (!network) throw new Error('no network is loaded');
  readAll(bytesOf(input), 0);
  await network.run(input, output);
  writeAll(bytesOf(output), slotBytes);
}

function readAll(target: Uint8Array, position: number): void {
  for (let done = 0; done < target.length; ) {
    const got = readSync(MEMORY, target, done, target.length - done, position + done);
    if (got === 0) throw new Error('the shared memory is too short');
    done += got;
  }
}

function writeAll(source: Uint8Array, position: number): void {
  for (let done = 0; done < source.length; )
    done += writeSync(MEMORY, source, done, source.length - done, position + done);
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    await obey(line);
    process.stdout.write('ok\n');
  } catch (error) {
    process.stdout.write(`error ${(error as Error).message.replace(/\s+/g, ' ').slice(0, 500)}\n`);
  }
}
