import type { LeaseEvent } from '../protocol-types.js';
import {
  type Budget,
  indexOf,
  type Message,
  nameOf,
  type Process,
  type Protocol,
  react,
  type Step,
  spend,
  textOf,
  type World,
  withProcess,
} from './world.js';

export interface Rules {
  readonly protocol: Protocol;
  readonly budget: Budget;
  /**
   * Who a free lock is reserved for, and is running, gets it before another loses patience: the reservation's time is
   * far longer than a wake-up. Safety and progress must hold without.
   */
  readonly prompt: boolean;
}

/** Everything that can happen next. */
export function stepsOf(world: World, rules: Rules): Step[] {
  const each = (of: (world: World, index: number, rules: Rules) => Step[]) =>
    world.processes.flatMap((_, index) => of(world, index, rules));
  return [...each(processSteps), ...messageSteps(world, rules), ...each(adverseSteps)];
}

function processSteps(world: World, index: number, { protocol, prompt }: Rules): Step[] {
  const process = world.processes[index]!;
  if (process.run !== 'running') return [];
  const steps: Step[] = [];
  const step = (what: string, next: () => World) =>
    steps.push({ name: `${nameOf(index)} ${what}`, adverse: false, next });
  /** Something changes, and the process is told at once. */
  const event = (what: string, change: Partial<Process>, happened: LeaseEvent) =>
    step(what, () => react(withProcess(world, index, change), index, happened, protocol));

  const { news, wants, state, inFlock, timer, busy } = process;
  if (news) event(`hears of ${news.on}`, { news: undefined }, news);
  if (wants > 0 && state.phase !== 'closed') event('wants', { wants: wants - 1 }, { on: 'want' });
  if (inFlock && world.owner === undefined) step('is given the lock', () => giveLock(world, index));
  if (timer && !(prompt && timer === 'reservation' && guestIsWaking(world))) {
    event(`timer ${timer}`, { timer: undefined }, { on: 'timer' });
  }
  if (busy === 'take') step('takes', () => take(world, index));
  if (busy === 'take' && world.left.failedTakes > 0) {
    step('cannot take', () => {
      const tried = withProcess(spend(world, 'failedTakes'), index, { busy: undefined });
      return react(tried, index, { on: 'takeFailed' }, protocol);
    });
  }
  if (busy === 'empty') event('is empty', { busy: undefined, using: false }, { on: 'emptied' });
  return steps;
}

function giveLock(world: World, index: number): World {
  const { reserved } = world.record;
  const news: LeaseEvent = { on: 'locked', ...(reserved && { reserved }) };
  return { ...withProcess(world, index, { inFlock: false, news }), owner: index };
}

function take(world: World, index: number): World {
  const epoch = world.record.epoch + 1;
  const told = withProcess(world, index, { busy: undefined, news: { on: 'taken', epoch } });
  return { ...told, record: { epoch }, listener: index };
}

/** The one that the free lock is reserved for runs, and waits for it or has just been given it. */
function guestIsWaking({ owner, record, processes }: World): boolean {
  const guest = record.reserved && processes[indexOf(record.reserved.instance)];
  if (guest?.run !== 'running') return false;
  return guest.inFlock || (owner !== undefined && processes[owner] === guest);
}

function messageSteps(world: World, { protocol }: Rules): Step[] {
  return world.messages.flatMap((message, at) => {
    const base = { ...world, messages: world.messages.filter((_, other) => other !== at) };
    const name = textOf(message);
    const steps: Step[] = [];
    if (world.processes[message.to]!.run === 'running') {
      steps.push({ name, adverse: false, next: () => deliver(base, message, protocol) });
    }
    if (world.left.losses > 0) {
      steps.push({ name: `${name} is lost`, adverse: true, next: () => spend(base, 'losses') });
    }
    return steps;
  });
}

function deliver(world: World, message: Message, protocol: Protocol): World {
  const event: LeaseEvent =
    'request' in message ? { on: 'requested', from: nameOf(message.from) } : { on: 'answered', answer: message.answer };
  return react(world, message.to, event, protocol);
}

function adverseSteps(world: World, index: number, { budget, protocol }: Rules): Step[] {
  const process = world.processes[index]!;
  if (process.run === 'dead') return [];
  const { left } = world;
  const steps: Step[] = [];
  const step = (what: string, next: () => World) =>
    steps.push({ name: `${nameOf(index)} ${what}`, adverse: true, next });
  if (left.kills > 0) step('is killed', () => kill(spend(world, 'kills'), index, budget.restart ?? false));
  if (process.run === 'hung') step('goes on', () => withProcess(world, index, { run: 'running' }));
  if (process.run !== 'running') return steps;
  if (left.hangs > 0) step('hangs', () => withProcess(spend(world, 'hangs'), index, { run: 'hung' }));
  if (left.fruitless > 0 && process.state.phase === 'held') {
    step('loads nothing', () => react(spend(world, 'fruitless'), index, { on: 'fruitless' }, protocol));
  }
  // The slot is closed first: the device is empty then, and whoever was emptying it has been told.
  if (left.closes > 0 && process.state.phase !== 'closed' && process.busy !== 'empty') {
    const emptied = { using: false, wants: 0 };
    step('closes', () => react(withProcess(spend(world, 'closes'), index, emptied), index, { on: 'close' }, protocol));
  }
  return steps;
}

/** The kernel frees the lock, and nobody listens any more. */
function kill(world: World, index: number, restart: boolean): World {
  const messages = world.messages.filter((message) => message.to !== index);
  const free = (one: number | undefined) => (one === index ? undefined : one);
  const without = { ...world, messages, owner: free(world.owner), listener: free(world.listener) };
  return withProcess(without, index, {
    run: restart ? 'running' : 'dead',
    state: { phase: restart ? 'idle' : 'closed' },
    inFlock: false,
    busy: undefined,
    timer: undefined,
    news: undefined,
    using: false,
    wants: restart ? 1 : 0,
  });
}
