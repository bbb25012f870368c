import { parentPort, workerData } from 'node:worker_threads';
import { asScoringError } from '../errors.js';
import type { FrameInput } from './device.js';
import type { FrameRunner } from './frame-runner.js';
import type { LaneMessage, LaneRequest, LaneStart, PlainError } from './lane-messages.js';
import { Turns } from './turns.js';

/**
 * The worker's side of a lane: opens, tells that it is ready or why not, and answers frames until it is told to stop.
 *
 * @param order `inTurn`: a frame is begun when the last one is answered; `overlapping`: as soon as the runner takes it
 */
export function serveLane<S extends LaneStart>(
  open: (start: S) => Promise<FrameRunner>,
  order: 'inTurn' | 'overlapping',
): void {
  const turns = new Turns();
  const port = parentPort!;
  const send = (message: LaneMessage, transfer: readonly ArrayBuffer[] = []) => port.postMessage(message, transfer);
  const opening = open(workerData as S);
  opening.then(
    () => send({ type: 'ready' }),
    (error: unknown) => send({ type: 'refused', error: plain(error) }),
  );

  const answer = async (id: number, input: FrameInput) => {
    try {
      const output = await (await opening).run(input);
      const buffers = output.outputs.map((one) => one.data.buffer as ArrayBuffer);
      send({ type: 'scored', id, output }, buffers);
    } catch (error) {
      send({ type: 'failed', id, error: plain(error) });
    }
  };

  port.on('message', (request: LaneRequest) => {
    if (request.type === 'stop') process.exit(0);
    const { id, input } = request;
    if (order === 'inTurn') void turns.take(() => answer(id, input));
    else void answer(id, input);
  });
}

function plain(error: unknown): PlainError {
  const { code, message } = asScoringError(error);
  return { code, message };
}
