/** One run of one module; two processes never share it. */
export type Instance = string;

/** Who the lock was given up for, and when: the epoch tells two reservations for the same instance apart. */
export interface Reservation {
  readonly instance: Instance;
  readonly epoch: number;
}

export type Answer = 'GRANT_IN' | 'DENY' | 'HANDED';

/**
 * Where a process is in the protocol.
 *
 * `idle` never wanted the device · `waiting` for the lock · `deferring` leaves a free lock to whom it is reserved for ·
 * `taking` has the lock and writes the new epoch · `held` may use the device · `emptying` its device before it gives the
 * lock up · `resting` until it tries again · `closing` as soon as the epoch is written · `closed`
 */
export type LeaseState =
  | { readonly phase: 'idle' | 'taking' | 'closing' | 'closed' }
  | { readonly phase: 'resting'; readonly asking: boolean }
  | {
      readonly phase: 'waiting';
      /** Asks the holder; without it, waits until the lock is free. */
      readonly asking: boolean;
      /** What has become of the latest request; `late` is neither answered nor to be sent again yet. */
      readonly request: 'none' | 'sent' | 'granted' | 'late';
      /** A reservation that was respected once and is not again: its owner may be dead. */
      readonly respected?: Reservation;
    }
  | { readonly phase: 'deferring'; readonly asking: boolean; readonly respected: Reservation }
  | { readonly phase: 'held'; readonly epoch: number }
  | {
      readonly phase: 'emptying';
      readonly epoch: number;
      readonly after: 'wait' | 'ask' | 'rest';
      /** Who asked for it. */
      readonly guest?: Instance;
    };

/** What happens to a process. */
export type LeaseEvent =
  /** The slot wants the device: a start, or a wish for a model. */
  | { readonly on: 'want' }
  /** There is no file to lock, or no lock on it. */
  | { readonly on: 'waitFailed' }
  /** The lock was won; nobody else has it now. */
  | { readonly on: 'locked'; readonly reserved?: Reservation }
  /** The epoch is on the disk, and the socket listens. */
  | { readonly on: 'taken'; readonly epoch: number }
  | { readonly on: 'takeFailed' }
  | { readonly on: 'requested'; readonly from: Instance }
  /** `gone`: the connection failed, or ended. */
  | { readonly on: 'answered'; readonly answer: Answer | 'gone' }
  /** The device holds nothing and is not used. */
  | { readonly on: 'emptied' }
  /** Nothing could be loaded. */
  | { readonly on: 'fruitless' }
  /** The lock file is no longer the one that the directory shows. */
  | { readonly on: 'displaced' }
  | { readonly on: 'timer' }
  /** The device is empty, and stays so. */
  | { readonly on: 'close' };

/** `answer`, `grant`: none came in time. `reservation`: long enough respected. `again`: ask anew. `rest`: try anew. */
export type TimerName = 'answer' | 'grant' | 'reservation' | 'again' | 'rest';

/** What the process does about it, in this order. Each is done by the shell, and whatever comes of it is an event. */
export type LeaseEffect =
  /** Wait for the lock, in whatever file the directory shows. */
  | { readonly do: 'wait' }
  | { readonly do: 'endWait' }
  /** Connect to the holder and request. */
  | { readonly do: 'ask' }
  | { readonly do: 'hangUp' }
  | { readonly do: 'reply'; readonly to: Instance; readonly answer: Answer }
  /** Write the next epoch, listen. */
  | { readonly do: 'take' }
  /** The device may be used. */
  | { readonly do: 'grant' }
  /** Stop using the device and empty it. */
  | { readonly do: 'empty' }
  /** Stop listening, write for whom, unlock. A lock that was not taken is let go as it was found. */
  | { readonly do: 'unlock'; readonly reserve?: Reservation; readonly untouched?: true }
  /** One timer; a new one replaces it. */
  | { readonly do: 'timer'; readonly name: TimerName }
  | { readonly do: 'endTimer' };

export interface Transition {
  readonly state: LeaseState;
  readonly effects: readonly LeaseEffect[];
}
