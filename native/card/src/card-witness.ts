// Who used a card when, as the card itself saw it; for tests of hand-overs, because it asks none of the parties.
import { ask } from './card-control.js';
import { CardError } from './card-error.js';

const DEEDS = ['acquire', 'free', 'reset', 'load', 'execute', 'unload', 'loopback'] as const;

export interface WitnessEntry {
  /** `acquire` and `free` are of slots; `load` is firmware, init and weights. */
  readonly deed: (typeof DEEDS)[number];
  /** Thread group; 0 for a reset, and for a request in a slot that nobody owned. */
  readonly process: number;
  /** Of the requests' ids; none for `acquire`, `free` and `reset`. */
  readonly epoch: number | undefined;
  /** Requests or slots, one after the other, without another deed or owner in between. */
  readonly times: number;
  /** Milliseconds since 1970. */
  readonly firstMs: number;
  readonly lastMs: number;
}

export interface CardWitness {
  readonly highestEpoch: number;
  /** Loads, runs, unloads and loopbacks of a lower epoch than the highest that the card had seen. */
  readonly overlaps: number;
  /** Runs by another epoch than the one that loaded the network. */
  readonly foreignRuns: number;
  /** Entries that are told no more; the card keeps 512. */
  readonly forgotten: number;
  /** The oldest first. */
  readonly entries: readonly WitnessEntry[];
}

/** @throws CardError when no card runs there, or it does not answer in time */
export async function cardWitness(directory: string): Promise<CardWitness> {
  const counters = new Map<string, number>();
  const entries: WitnessEntry[] = [];
  for (const field of (await ask(directory, 'witness')).slice(1)) {
    const [key = '', value = ''] = field.split('=');
    if (key === 'entry') entries.push(entryOf(value));
    else counters.set(key, Number(value));
  }
  const counter = (name: string) => {
    const value = counters.get(name);
    if (value === undefined || Number.isNaN(value)) throw new CardError(`the card told no ${name}`);
    return value;
  };
  return {
    highestEpoch: counter('highestEpoch'),
    overlaps: counter('overlaps'),
    foreignRuns: counter('foreignRuns'),
    forgotten: counter('forgotten'),
    entries,
  };
}

function entryOf(text: string): WitnessEntry {
  const [name, process, epoch, times, firstMs, lastMs] = text.split(',');
  const deed = DEEDS.find((one) => one === name);
  if (deed === undefined || lastMs === undefined) throw new CardError(`not an entry of a witness: ${text}`);
  return {
    deed,
    process: Number(process),
    epoch: epoch === '' ? undefined : Number(epoch),
    times: Number(times),
    firstMs: Number(firstMs),
    lastMs: Number(lastMs),
  };
}
