import { parentPort, workerData } from 'node:worker_threads';
import { asScoringError } from '../errors.js';
import { FrameRunner } from './frame-runner.js';
import type { LaneMessage, LaneRequest, LaneStart, PlainError } from './lane-messages.js';

const port = parentPort!;

const runner = await FrameRunner.open(workerData as LaneStart).catch((error: unknown) => {
  send({ type: 'refused', error: plain(error) });
  return undefined;
});

if (runner) {
  // Decoding may wait, so frames are chained: the runner's buffers serve one frame at a time.
  let tail = Promise.resolve();
  port.on('message', (request: LaneRequest) => {
    tail = tail.then(() => answer(runner, request));
  });
  send({ type: 'ready' });
}

async function answer(runner: FrameRunner, { id, input }: LaneRequest): Promise<void> {
  try {
    const output = await runner.run(input);
    const buffers = output.outputs.map((one) => one.data.buffer as ArrayBuffer);
    send({ type: 'scored', id, output }, buffers);
  } catch (error) {
    send({ type: 'failed', id, error: plain(error) });
  }
}

function send(message: LaneMessage, transfer: readonly ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

function plain(error: unknown): PlainError {
  const { code, message } = asScoringError(error);
  return { code, message };
}
