import type { Instance, LeaseEffect, LeaseEvent, LeaseState, Reservation, Transition } from './protocol-types.js';

type Waiting = Extract<LeaseState, { phase: 'waiting' }>;
type Emptying = Extract<LeaseState, { phase: 'emptying' }>;

export const IDLE: LeaseState = { phase: 'idle' };

const ASK: readonly LeaseEffect[] = [{ do: 'ask' }, { do: 'timer', name: 'answer' }];
const FORGET_REQUEST: readonly LeaseEffect[] = [{ do: 'hangUp' }, { do: 'endTimer' }];

/**
 * The whole protocol between modules that share a device, as one function without side effects: the shell and the model
 * that explores every interleaving use the same.
 *
 * The lock is the truth. It is only given up when the device is empty, and the device is only used after the lock was
 * won and a new epoch was written. Everything said over the socket is a request for courtesy: whatever is lost, late or
 * said twice, the lock decides.
 */
export function transition(self: Instance, state: LeaseState, event: LeaseEvent): Transition {
  if (event.on === 'requested' && !('epoch' in state)) return stay(state, deny(event.from));
  switch (state.phase) {
    case 'idle':
      return event.on === 'want' ? wait(true) : event.on === 'close' ? closed() : stay(state);
    case 'waiting':
      return whileWaiting(self, state, event);
    case 'deferring':
      return whileDeferring(state, event);
    case 'taking':
      return whileTaking(state, event);
    case 'held':
      return whileHeld(state, event);
    case 'emptying':
      return whileEmptying(state, event);
    case 'resting':
      if (event.on === 'timer') return wait(state.asking);
      if (event.on === 'want') return wait(true);
      return event.on === 'close' ? closed({ do: 'endTimer' }) : stay(state);
    case 'closing':
      return event.on === 'taken' || event.on === 'takeFailed' ? closed({ do: 'unlock' }) : stay(state);
    case 'closed':
      // A wait that ended with the lock after all.
      return event.on === 'locked' ? stay(state, { do: 'unlock', untouched: true }) : stay(state);
  }
}

function whileWaiting(self: Instance, state: Waiting, event: LeaseEvent): Transition {
  switch (event.on) {
    case 'want':
      if (state.asking && state.request !== 'late') return stay(state);
      return { state: { ...state, asking: true, request: 'sent' }, effects: ASK };
    case 'locked':
      return locked(self, state, event.reserved);
    case 'waitFailed':
      return rest(state.asking, ...FORGET_REQUEST);
    case 'answered':
      return answered(state, event.answer);
    case 'timer':
      if (state.request === 'late') return { state: { ...state, request: 'sent' }, effects: ASK };
      if (state.request === 'none') return stay(state);
      return late(state, { do: 'hangUp' });
    case 'close':
      return closed({ do: 'endWait' }, ...FORGET_REQUEST);
    default:
      return stay(state);
  }
}

/** A lock that is reserved for another is left to it once; a second time its owner may be dead. */
function locked(self: Instance, { asking, respected }: Waiting, reserved: Reservation | undefined): Transition {
  if (reserved === undefined || reserved.instance === self || same(reserved, respected)) {
    return { state: { phase: 'taking' }, effects: [...FORGET_REQUEST, { do: 'take' }] };
  }
  return {
    state: { phase: 'deferring', asking, respected: reserved },
    effects: [...FORGET_REQUEST, { do: 'unlock', untouched: true }, { do: 'timer', name: 'reservation' }],
  };
}

function answered(state: Waiting, answer: 'GRANT_IN' | 'DENY' | 'HANDED' | 'gone'): Transition {
  // What comes after the request was given up speaks of nothing any more.
  if (state.request !== 'sent' && state.request !== 'granted') return stay(state);
  if (answer === 'GRANT_IN') {
    return { state: { ...state, request: 'granted' }, effects: [{ do: 'timer', name: 'grant' }] };
  }
  return late(state, { do: 'hangUp' });
}

/** The wait for the lock goes on; the holder is asked again after a while. */
function late(state: Waiting, ...effects: LeaseEffect[]): Transition {
  return { state: { ...state, request: 'late' }, effects: [...effects, { do: 'timer', name: 'again' }] };
}

function whileDeferring(state: Extract<LeaseState, { phase: 'deferring' }>, event: LeaseEvent): Transition {
  switch (event.on) {
    case 'want':
      return { state: { ...state, asking: true }, effects: [] };
    case 'timer':
      return wait(state.asking, state.respected);
    case 'close':
      return closed({ do: 'endTimer' });
    default:
      return stay(state);
  }
}

function whileTaking(state: LeaseState, event: LeaseEvent): Transition {
  switch (event.on) {
    case 'taken':
      return { state: { phase: 'held', epoch: event.epoch }, effects: [{ do: 'grant' }] };
    case 'takeFailed':
      return rest(false, { do: 'unlock', untouched: true });
    case 'close':
      return { state: { phase: 'closing' }, effects: [] };
    default:
      return stay(state);
  }
}

function whileHeld(state: Extract<LeaseState, { phase: 'held' }>, event: LeaseEvent): Transition {
  const { epoch } = state;
  switch (event.on) {
    case 'requested':
      return {
        state: { phase: 'emptying', epoch, after: 'wait', guest: event.from },
        effects: [{ do: 'reply', to: event.from, answer: 'GRANT_IN' }, { do: 'empty' }],
      };
    case 'fruitless':
      return { state: { phase: 'emptying', epoch, after: 'rest' }, effects: [{ do: 'empty' }] };
    case 'displaced':
      return { state: { phase: 'emptying', epoch, after: 'ask' }, effects: [{ do: 'empty' }] };
    case 'close':
      return closed({ do: 'unlock' });
    default:
      return stay(state);
  }
}

function whileEmptying(state: Emptying, event: LeaseEvent): Transition {
  switch (event.on) {
    case 'requested': {
      const { guest = event.from } = state;
      if (guest !== event.from) return stay(state, deny(event.from));
      return { state: { ...state, guest }, effects: [{ do: 'reply', to: guest, answer: 'GRANT_IN' }] };
    }
    case 'want':
      return { state: { ...state, after: 'ask' }, effects: [] };
    case 'emptied': {
      const next = state.after === 'rest' ? rest(false) : wait(state.after === 'ask');
      return { ...next, effects: [...giveUp(state), ...next.effects] };
    }
    case 'close':
      return closed(...giveUp(state));
    default:
      return stay(state);
  }
}

function giveUp({ guest, epoch }: Emptying): LeaseEffect[] {
  if (guest === undefined) return [{ do: 'unlock' }];
  return [
    { do: 'unlock', reserve: { instance: guest, epoch } },
    { do: 'reply', to: guest, answer: 'HANDED' },
  ];
}

function wait(asking: boolean, respected?: Reservation): Transition {
  const request = asking ? 'sent' : 'none';
  return {
    state: { phase: 'waiting', asking, request, ...(respected && { respected }) },
    effects: [{ do: 'wait' }, ...(asking ? ASK : [])],
  };
}

function rest(asking: boolean, ...effects: LeaseEffect[]): Transition {
  return { state: { phase: 'resting', asking }, effects: [...effects, { do: 'timer', name: 'rest' }] };
}

function closed(...effects: LeaseEffect[]): Transition {
  return { state: { phase: 'closed' }, effects };
}

function deny(to: Instance): LeaseEffect {
  return { do: 'reply', to, answer: 'DENY' };
}

function stay(state: LeaseState, ...effects: LeaseEffect[]): Transition {
  return { state, effects };
}

function same(a: Reservation, b: Reservation | undefined): boolean {
  return b !== undefined && a.instance === b.instance && a.epoch === b.epoch;
}
