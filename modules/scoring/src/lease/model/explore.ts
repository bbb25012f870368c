import { type Rules, stepsOf } from './steps.js';
import { keyOf, nameOf, type Step, start, Violation, type World } from './world.js';

export interface Exploration {
  readonly states: number;
  readonly steps: number;
  /** Most times that the device was taken in any history. */
  readonly takes: number;
}

export interface ExploreOptions extends Rules {
  /** A history in which the device is taken more often is a violation when `prompt`; else it is not followed further. */
  readonly maxTakes: number;
  /** More states than this is an error of the test's bounds, not of the protocol. */
  readonly maxStates?: number;
}

/**
 * Walks through every state that any interleaving reaches, breadth first, and checks each:
 * - nobody uses the device without the lock, so never two do; epochs only grow, by one, and are never used twice;
 * - from every state, without any further mishap, one is reached in which somebody who runs has what was asked for, or
 *   the lock is in the hands of a process that hangs (which is for its supervisor to end).
 *
 * @throws Violation with the shortest history that leads to it
 */
export function explore(options: ExploreOptions): Exploration {
  const { prompt, maxTakes, maxStates = 2_000_000 } = options;
  const worlds: World[] = [start(options.budget)];
  const cameFrom: { readonly from: number; readonly name: string }[] = [{ from: -1, name: 'start' }];
  const known = new Map<string, number>([[keyOf(worlds[0]!), 0]]);
  const before: number[][] = [[]];
  const settled: number[] = [];
  let steps = 0;
  let takes = 0;
  const history = (at: number): string[] => {
    const names: string[] = [];
    for (let one = at; one > 0; one = cameFrom[one]!.from) names.push(cameFrom[one]!.name);
    return names.reverse();
  };
  const fail = (rule: string, at: number): never => {
    throw new Violation(`${rule}\n  ${history(at).join('\n  ')}`);
  };

  const follow = (step: Step, at: number): World => {
    try {
      return step.next();
    } catch (error) {
      return fail(`${(error as Error).message}, when ${step.name}`, at);
    }
  };

  for (let at = 0; at < worlds.length; at++) {
    const world = worlds[at]!;
    takes = Math.max(takes, world.record.epoch);
    if (world.record.epoch > maxTakes) {
      if (prompt) fail(`the device is taken more than ${maxTakes} times`, at);
      settled.push(at);
      continue;
    }
    if (isSettled(world)) settled.push(at);
    for (const step of stepsOf(world, options)) {
      steps++;
      const next = follow(step, at);
      const key = keyOf(next);
      let to = known.get(key);
      if (to === undefined) {
        to = worlds.length;
        if (to >= maxStates) throw new RangeError(`more than ${maxStates} states`);
        known.set(key, to);
        worlds.push(next);
        cameFrom.push({ from: at, name: step.name });
        before.push([]);
        const broken = brokenRule(world, next);
        if (broken) fail(broken, to);
      }
      if (!step.adverse) before[to]!.push(at);
    }
  }
  const stuck = firstThatReachesNone(worlds.length, settled, before);
  if (stuck !== undefined) fail('somebody waits and nothing that can happen ends it', stuck);
  return { states: worlds.length, steps, takes };
}

function brokenRule(from: World, to: World): string | undefined {
  const users = to.processes.flatMap(({ using }, index) => (using ? [index] : []));
  if (users.length > 1) return `${users.map(nameOf).join(' and ')} use the device at once`;
  if (users.some((user) => user !== to.owner)) return `${nameOf(users[0]!)} uses the device without the lock`;
  const grown = to.record.epoch - from.record.epoch;
  return grown < 0 || grown > 1 ? `the epoch goes from ${from.record.epoch} to ${to.record.epoch}` : undefined;
}

/** Nothing is left to be done: whoever runs and wants the device has it or was handed over, and somebody has it. */
function isSettled({ processes, owner, messages }: World): boolean {
  const holder = owner === undefined ? undefined : processes[owner]!;
  if (holder?.run === 'hung') return true;
  const running = processes.filter(({ run }) => run === 'running');
  if (running.some(({ news, busy, wants }) => news || busy || wants > 0)) return false;
  if (messages.some(({ to }) => processes[to]!.run === 'running')) return false;
  const interested = running.filter(({ state }) => !['idle', 'closed'].includes(state.phase));
  if (interested.length === 0) return owner === undefined;
  return holder?.using === true && running.every(({ state }) => state.phase !== 'waiting' || !state.asking);
}

function firstThatReachesNone(count: number, good: readonly number[], before: readonly number[][]): number | undefined {
  const reaches = new Uint8Array(count);
  const open = [...good];
  for (const one of good) reaches[one] = 1;
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    for (const earlier of before[one]!) {
      if (reaches[earlier]) continue;
      reaches[earlier] = 1;
      open.push(earlier);
    }
  }
  const stuck = reaches.indexOf(0);
  return stuck === -1 ? undefined : stuck;
}
