import { IDLE, type transition } from '../protocol.js';
import type { Answer, LeaseEffect, LeaseEvent, LeaseState, Reservation, TimerName } from '../protocol-types.js';

/** The transition function under test; mutants of it must be found out. */
export type Protocol = typeof transition;

/** What may go wrong, and how often in one history. Everything else may happen at any moment and in any order. */
export interface Budget {
  /** For each process: a start and later wishes. */
  readonly wants: readonly number[];
  /** Kills; the killed process is started again with one more want when `restart` says so. */
  readonly kills?: number;
  readonly restart?: boolean;
  /** Stops of a process' execution; each may go on again, or never. */
  readonly hangs?: number;
  readonly losses?: number;
  readonly failedTakes?: number;
  readonly fruitless?: number;
  readonly closes?: number;
}

type Counted = 'kills' | 'hangs' | 'losses' | 'failedTakes' | 'fruitless' | 'closes';

export interface Process {
  readonly run: 'running' | 'hung' | 'dead';
  readonly state: LeaseState;
  /** Its thread is blocked in flock. */
  readonly inFlock: boolean;
  /** What the shell is busy with; ends at any later moment. */
  readonly busy: 'take' | 'empty' | undefined;
  readonly timer: TimerName | undefined;
  /** What has happened already, and the process does not know yet: it has the lock, it has written the epoch. */
  readonly news: LeaseEvent | undefined;
  /** The device may be touched by this process: the independent witness. */
  readonly using: boolean;
  readonly wants: number;
}

/** Between two processes; there may be many, in any order. */
export type Message =
  | { readonly to: number; readonly from: number; readonly request: true }
  | { readonly to: number; readonly answer: Answer | 'gone' };

export interface World {
  readonly processes: readonly Process[];
  readonly owner: number | undefined;
  /** Who listens at the socket's path. */
  readonly listener: number | undefined;
  readonly record: { readonly epoch: number; readonly reserved?: Reservation };
  readonly messages: readonly Message[];
  readonly left: Readonly<Record<Counted, number>>;
}

/** One step: who or what, and whether it is the adversary's. */
export interface Step {
  readonly name: string;
  readonly adverse: boolean;
  readonly next: () => World;
}

/** A rule was broken. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

export function start(budget: Budget): World {
  const { kills = 0, hangs = 0, losses = 0, failedTakes = 0, fruitless = 0, closes = 0 } = budget;
  return {
    processes: budget.wants.map((wants) => ({
      run: 'running',
      state: IDLE,
      inFlock: false,
      busy: undefined,
      timer: undefined,
      news: undefined,
      using: false,
      wants,
    })),
    owner: undefined,
    listener: undefined,
    record: { epoch: 0 },
    messages: [],
    left: { kills, hangs, losses, failedTakes, fruitless, closes },
  };
}

export const nameOf = (index: number): string => String.fromCharCode(65 + index);
export const indexOf = (instance: string): number => instance.charCodeAt(0) - 65;

/** One process replaced. */
export function withProcess(world: World, index: number, change: Partial<Process>): World {
  const processes = world.processes.map((process, at) => (at === index ? { ...process, ...change } : process));
  return { ...world, processes };
}

export function spend(world: World, what: Counted): World {
  return { ...world, left: { ...world.left, [what]: world.left[what] - 1 } };
}

/** Lets the process take an event, with everything that it does about it at once. */
export function react(world: World, index: number, event: LeaseEvent, protocol: Protocol): World {
  const { state: next, effects } = protocol(nameOf(index), world.processes[index]!.state, event);
  let after = withProcess(world, index, { state: next });
  for (const effect of effects) after = perform(after, index, effect);
  return after;
}

function perform(world: World, index: number, effect: LeaseEffect): World {
  const process = world.processes[index]!;
  switch (effect.do) {
    case 'wait':
      if (process.inFlock || world.owner === index) throw new Violation(`${nameOf(index)} waits for what it has`);
      return withProcess(world, index, { inFlock: true });
    case 'endWait':
      return withProcess(world, index, { inFlock: false });
    case 'ask':
      if (world.listener === undefined) return send(world, { to: index, answer: 'gone' });
      return send(world, { to: world.listener, from: index, request: true });
    case 'hangUp':
      return { ...world, messages: world.messages.filter((one) => one.to !== index || !('answer' in one)) };
    case 'reply':
      return send(world, { to: indexOf(effect.to), answer: effect.answer });
    case 'take':
    case 'empty':
      return withProcess(world, index, { busy: effect.do });
    case 'grant':
      if (world.owner !== index) throw new Violation(`${nameOf(index)} uses the device without the lock`);
      return withProcess(world, index, { using: true });
    case 'unlock':
      return unlock(world, index, effect);
    case 'timer':
      return withProcess(world, index, { timer: effect.name });
    case 'endTimer':
      return withProcess(world, index, { timer: undefined });
  }
}

function unlock(world: World, index: number, effect: Extract<LeaseEffect, { do: 'unlock' }>): World {
  if (world.owner !== index) throw new Violation(`${nameOf(index)} unlocks what it has not locked`);
  if (world.processes[index]!.using) throw new Violation(`${nameOf(index)} unlocks while it uses the device`);
  const { epoch } = world.record;
  const record = effect.untouched ? world.record : { epoch, ...(effect.reserve && { reserved: effect.reserve }) };
  const listener = world.listener === index ? undefined : world.listener;
  // With the socket its connections end, so that what was asked of one tenure is not heard in the next.
  const messages = world.messages.filter((message) => message.to !== index || !('request' in message));
  return { ...world, owner: undefined, listener, record, messages };
}

/** The same message twice is one: a peer that hears it twice is in the same state. */
function send(world: World, message: Message): World {
  const text = textOf(message);
  if (world.messages.some((one) => textOf(one) === text)) return world;
  return { ...world, messages: [...world.messages, message].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1)) };
}

export const textOf = remember((message: Message): string =>
  'request' in message
    ? `request of ${nameOf(message.from)} to ${nameOf(message.to)}`
    : `${message.answer} to ${nameOf(message.to)}`,
);

/** Two worlds with the same key are the same. */
export function keyOf({ processes, owner, listener, record, messages, left }: World): string {
  return [owner, listener, plain(record), ...processes.map(plain), ...messages.map(textOf), plain(left)].join('|');
}

const plain = remember((value: object): string => JSON.stringify(value));

/** What a function gave for an object; worlds share most of their objects, and none is ever changed. */
function remember<T extends object>(work: (value: T) => string): (value: T) => string {
  const known = new WeakMap<T, string>();
  return (value) => {
    let text = known.get(value);
    if (text === undefined) {
      text = work(value);
      known.set(value, text);
    }
    return text;
  };
}
