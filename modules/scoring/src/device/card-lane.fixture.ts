// The worker of a card's lane with a card in memory: it gives means of the picture's blocks, or fails as its token says.
import { type Card, DeviceError } from '@edgeslot/native';
import { TOKEN } from '../testing/fake-card.js';
import { cardFeaturizer } from './card-featurizer.js';
import type { CardLaneStart } from './card-lane-start.js';
import { FrameRunner } from './frame-runner.js';
import { serveLane } from './serve-lane.js';

const SIDE = 224;
const BLOCK = SIDE / 7;

let waiting: (() => void) | undefined;

function another(): Promise<void> {
  const first = waiting;
  waiting = undefined;
  first?.();
  if (first) return Promise.resolve();
  return new Promise((resolve) => {
    waiting = resolve;
  });
}

function fakeCard(token: number): Card {
  const run = async (input: Float32Array, output: Float32Array) => {
    if (token === TOKEN.timeout) throw new DeviceError('TIMEOUT', 'no answer within 10000 ms');
    if (token === TOKEN.pairs) await another();
    output.fill(0);
    for (let at = 0; at < input.length; at++) {
      const [channel, column, row] = [at % 3, Math.floor(at / 3) % SIDE, Math.floor(at / 3 / SIDE)];
      const place = Math.floor(row / BLOCK) * 7 + Math.floor(column / BLOCK);
      output[3 * place + channel]! += input[at]! / BLOCK ** 2;
    }
    return {};
  };
  return { capacity: 2, run, close: async () => {} } as unknown as Card;
}

serveLane<CardLaneStart>((start) => FrameRunner.open(start, () => cardFeaturizer(start, fakeCard)), 'overlapping');
