import { parentPort, workerData } from 'node:worker_threads';
import { asScoringError } from '../errors.js';
import type { FrameInput } from './device.js';
import { FrameRunner } from './frame-runner.js';
import type { LaneMessage, LaneRequest, LaneStart, PlainError } from './lane-messages.js';

const port = parentPort!;

const opening = FrameRunner.open(workerData as LaneStart);
// Decoding may wait, so frames are chained: the runner's buffers serve one frame at a time.
let tail = opening.then(
  () => send({ type: 'ready' }),
  (error: unknown) => send({ type: 'refused', error: plain(error) }),
);

port.on('message', (request: LaneRequest) => {
  if (request.type === 'stop') process.exit(0);
  tail = tail.then(() => answer(request.id, request.input));
});

async function answer(id: number, input: FrameInput): Promise<void> {
  try {
    const output = await (await opening).run(input);
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
