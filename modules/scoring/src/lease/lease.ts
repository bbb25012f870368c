import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Log } from '@edgeslot/edge-module/log';
import { type FileLock, loadFileLock } from '@edgeslot/native';
import { reviveScoringError, type ScoringError, scoringError } from '../errors.js';
import { formatModelId } from '../model/model-id.js';
import type { DeviceGate } from '../slot/device-gate.js';
import type { SlotState } from '../slot/slot-state.js';
import { readLeaseRecord } from './lease-file.js';
import { LeaseProcess } from './lease-process.js';
import { describeHolder, type KnownHolder, type LeaseStatus, leaseStatus } from './lease-status.js';
import { DEFAULT_TIMES, type LeaseTimes } from './lease-times.js';
import type { AnswerMessage, RequestMessage } from './messages.js';
import { Passes } from './passes.js';
import type { LeaseState } from './protocol-types.js';

export interface LeaseOptions {
  /** On the host, bound into every module that may use the device. */
  readonly directory: string;
  /** What must not be used twice: `catapult0`, `emulator`. */
  readonly device: string;
  /** By which the other modules, their logs and twins know this one. */
  readonly module: string;
  readonly log: Log;
  readonly times?: Partial<LeaseTimes>;
  readonly locks?: FileLock | { readonly error: string };
}

/** What the lease needs of the slot. */
export interface LeasedSlot {
  onState(listener: (state: SlotState) => void): () => void;
  /** Resolves when the device is not used and holds nothing. The slot then waits for `resume`, or for a wish. */
  yield(error: ScoringError, drainTimeoutMs: number): Promise<void>;
  resume(): void;
}

/** Lets this module use the device only while no other does: see `docs/lease.md`. */
export class Lease implements DeviceGate {
  readonly #options: LeaseOptions;
  readonly #times: LeaseTimes;
  readonly #process: LeaseProcess;
  readonly #passes = new Passes();
  readonly #listeners = new Set<(status: LeaseStatus) => void>();
  readonly #looking: NodeJS.Timeout;
  #slot: LeasedSlot | undefined;
  #unlisten = () => {};
  #phase: LeaseState['phase'] = 'idle';
  #epoch: number | undefined;
  #holder: KnownHolder | undefined;
  #behaviour = 'does not answer';
  #busy = false;
  #unavailable: string | undefined;
  #handedTo: string | undefined;
  #fruitless: ScoringError | undefined;
  #status: LeaseStatus;

  constructor(options: LeaseOptions) {
    const { directory, device, module, locks = loadFileLock() } = options;
    this.#options = options;
    this.#times = { ...DEFAULT_TIMES, ...options.times };
    this.#status = leaseStatus({ device, phase: 'idle' });
    this.#process = new LeaseProcess({
      directory,
      device,
      self: { module, instance: randomUUID(), pid: process.pid, bootId: bootId() },
      locks: 'error' in locks ? withoutLocks(locks.error) : locks,
      times: this.#times,
      host: {
        granted: (epoch) => this.#granted(epoch),
        empty: (guest) => this.#empty(guest),
        answered: (answer) => this.#answered(answer),
        failed: (error) => this.#failed(error),
        changed: (state) => this.#changed(state),
      },
    });
    this.#looking = setInterval(() => void this.#look(), this.#times.look);
    this.#looking.unref();
  }

  /** The fencing number under which this module uses the device; the last one after it was handed over; 0 before. */
  get epoch(): number {
    return this.#epoch ?? 0;
  }

  get status(): LeaseStatus {
    return this.#status;
  }

  /** Calls `listener` with every change; the function returned ends that. */
  onStatus(listener: (status: LeaseStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The slot that uses the device. What it shows decides whether the lease is of use. */
  attach(slot: LeasedSlot): void {
    this.#slot = slot;
    this.#unlisten = slot.onState(({ state, model, error }) => {
      if (state === 'AVAILABLE' && model) this.#process.fruitful(formatModelId(model));
      if (state !== 'END' || !error || error.code.startsWith('LEASE_')) return;
      this.#fruitless = reviveScoringError({ code: error.code, message: error.text });
      this.#process.fruitless();
    });
  }

  /** Whether the lease is held: `pass` waits for nothing. */
  get open(): boolean {
    return this.#phase === 'held';
  }

  /** @throws ScoringError LEASE_BUSY after the deadline, LEASE_UNAVAILABLE; the slot is resumed when the lease comes */
  async pass(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.open) return;
    this.#handedTo = undefined;
    const passed = this.#passes.add(signal, this.#times.deadline, (refuse) => void this.#late(refuse));
    this.#process.want();
    return passed;
  }

  /** Gives it up for good; the slot is closed before. Idempotent. */
  async close(): Promise<void> {
    clearInterval(this.#looking);
    this.#unlisten();
    this.#passes.refuse(scoringError('STOPPING'));
    await this.#process.close();
  }

  #granted(epoch: number): void {
    this.#epoch = epoch;
    this.#phase = 'held';
    this.#busy = false;
    this.#unavailable = undefined;
    this.#handedTo = undefined;
    this.#fruitless = undefined;
    this.#passes.grant();
    this.#slot?.resume();
  }

  /** Its end is the slot's: what is not empty is not given up. */
  async #empty(guest: RequestMessage | undefined): Promise<void> {
    const { device, directory } = this.#options;
    this.#phase = 'emptying';
    this.#handedTo = guest && `module ${guest.module}`;
    const replaced = 'the lock file was deleted or replaced while it was held';
    const why = this.#handedTo
      ? scoringError('LEASE_HANDED_OVER', device, this.#handedTo)
      : (this.#fruitless ?? scoringError('LEASE_UNAVAILABLE', directory, replaced));
    this.#fruitless = undefined;
    await this.#slot?.yield(why, this.#times.drain);
  }

  #answered(answer: AnswerMessage | undefined): void {
    if (answer) this.#unavailable = undefined;
    if (answer?.answer === 'DENY') this.#behaviour = `answers: ${answer.reason ?? 'no'}`;
    else if (answer?.answer === 'GRANT_IN') this.#behaviour = 'has not given it up yet';
    else if (!answer) this.#behaviour = 'does not answer';
  }

  #failed(error: Error): void {
    const { directory } = this.#options;
    this.#unavailable = error.message;
    this.#show();
    this.#passes.refuse(scoringError('LEASE_UNAVAILABLE', directory, error.message));
  }

  /** A wish has waited long enough; the wait for the lock goes on without it. */
  async #late(refuse: (error: ScoringError) => void): Promise<void> {
    this.#busy = true;
    // What could not be used until then would have refused the wish before.
    this.#unavailable = undefined;
    await this.#look();
    if (this.#phase === 'held') return;
    const holder = describeHolder(this.#holder);
    refuse(scoringError('LEASE_BUSY', this.#options.device, holder, this.#behaviour));
  }

  /** Reads who holds it. */
  async #look(): Promise<void> {
    if (this.#phase === 'idle' || this.#phase === 'closed') return;
    this.#holder = (await readLeaseRecord(this.#process.path))?.holder;
    this.#show();
  }

  #changed({ phase }: LeaseState): void {
    this.#phase = phase;
    this.#show();
  }

  #show(): void {
    const { device, log } = this.#options;
    const held = this.#phase === 'held' || this.#phase === 'emptying';
    const status = leaseStatus({
      device,
      phase: this.#phase,
      epoch: held ? this.#epoch : undefined,
      holder: this.#holder,
      unavailable: this.#unavailable,
      busy: this.#busy ? this.#behaviour : undefined,
      handedTo: this.#handedTo,
    });
    if (JSON.stringify(status) === JSON.stringify(this.#status)) return;
    if (status.text !== this.#status.text) {
      log[status.state === 'busy' || status.state === 'unavailable' ? 'warning' : 'info'](status.text);
    }
    this.#status = status;
    for (const listener of this.#listeners) listener(status);
  }
}

function withoutLocks(why: string): FileLock {
  const refuse = () => {
    throw new Error(
      `the native addon, which takes the lock, cannot be loaded (${why}): install a C++ compiler, make and Python 3 and run "npm run build"; or leave LEASE_DIR empty where no other module uses the device`,
    );
  };
  return { tryLock: refuse, unlock: refuse, waitForLock: refuse };
}

/** Another one in the lease file means that its holder died with the host. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
