// A process that runs a network on a card: told what to do by its argument, as JSON, it prints a line of JSON for each
// cycle of runs, and one when it is ready.
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type CardNetwork, type OpenOptions, openCard } from '@edgeslot/native';

export interface CardClientOrder {
  readonly node: string;
  readonly options: OpenOptions;
  readonly network: CardNetwork;
  readonly cycles: number;
  readonly runsPerCycle: number;
  /** How many runs are asked for at once. */
  readonly depth: number;
  /** After the cycles, and a line on standard input: a run that is not waited for; the process stays. */
  readonly hang?: boolean;
}

export interface CycleSample {
  readonly rss: number;
  readonly descriptors: number;
  readonly wrong: number;
}

const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

async function main(order: CardClientOrder): Promise<void> {
  const { node, options, network, cycles, runsPerCycle, depth } = order;
  const card = await openCard(node, options);
  await card.load(network);
  const { rows, columns, channels, border } = network.input;
  const input = new Float32Array((rows - 2 * border) * (columns - 2 * border) * channels);
  const outputs = Array.from({ length: depth }, () => new Float32Array(input.length));
  let number = 0;
  let wrong = 0;
  for (let cycle = 0; cycle < cycles; cycle++) {
    for (let left = runsPerCycle; left > 0; left -= depth) {
      number = (number % 1000) + 1;
      input.fill(number);
      await Promise.all(outputs.map((output) => card.run(input, output)));
      wrong += outputs.filter((output) => output.some((value) => value !== -number)).length;
    }
    globalThis.gc?.();
    say({ rss: process.memoryUsage.rss(), descriptors: readdirSync('/proc/self/fd').length, wrong });
  }
  if (order.hang) {
    await once(process.stdin, 'data');
    card.run(input, outputs[0]!).catch(() => undefined);
    say('running');
    setInterval(() => undefined, 1000);
    return;
  }
  say(card.counters);
  await card.close();
}

await main(JSON.parse(process.argv[2]!) as CardClientOrder);
