import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createLog } from '@edgeslot/edge-module/log';
import { type FileLock, loadFileLock } from '@edgeslot/native';
import type { ScoringError } from '../errors.js';
import type { SlotState } from '../slot/slot-state.js';
import { Lease, type LeasedSlot, type LeaseOptions } from './lease.js';
import type { LeaseTimes } from './lease-times.js';

const locks = loadFileLock();
export const noLocks: string | false = 'error' in locks ? 'the native addon is not built' : false;
export const fileLock = locks as FileLock;

/** Short, but for the deadline: tests that wait for it set it. */
const FAST: LeaseTimes = {
  answer: 100,
  grantSlack: 100,
  reservation: 100,
  again: [5, 50],
  rest: [5, 50],
  deadline: 10_000,
  drain: 100,
  look: 20,
};

/** A device that several modules can reach, and that notices when two use it. */
export class SharedDevice {
  readonly log: string[] = [];
  #user: string | undefined;

  use(who: string): void {
    if (this.#user !== undefined) throw new Error(`${who} uses the device while ${this.#user} does`);
    this.#user = who;
    this.log.push(`${who} uses`);
  }

  leave(who: string): void {
    if (this.#user !== who) return;
    this.#user = undefined;
    this.log.push(`${who} leaves`);
  }

  get user(): string | undefined {
    return this.#user;
  }
}

/** A module with a lease and as much of a slot as a lease needs. */
export class FakeModule implements LeasedSlot {
  readonly lease: Lease;
  readonly logged: string[] = [];
  /** Why it was made to give the device up, oldest first. */
  readonly yielded: ScoringError[] = [];
  /** Why it can load nothing, however often it gets the device. */
  fails: ScoringError | undefined;
  /** What `yield` does before the device is empty. */
  onYield: () => Promise<void> = async () => {};
  #listener: (state: SlotState) => void = () => {};

  constructor(
    readonly name: string,
    readonly device: SharedDevice,
    options: Pick<LeaseOptions, 'directory'> & Partial<LeaseOptions>,
  ) {
    const log = createLog({ level: 'info', write: (line) => this.logged.push(line) });
    this.lease = new Lease({ device: 'emulator', module: name, log, ...options, times: { ...FAST, ...options.times } });
    this.lease.attach(this);
  }

  onState(listener: (state: SlotState) => void): () => void {
    this.#listener = listener;
    return () => {};
  }

  /** As a wish does: waits for the lease, then uses the device. */
  async load(signal: AbortSignal = new AbortController().signal): Promise<void> {
    await this.lease.pass(signal);
    this.#use();
  }

  async yield(error: ScoringError): Promise<void> {
    this.yielded.push(error);
    await this.onYield();
    this.device.leave(this.name);
    this.show('END', error);
  }

  resume(): void {
    if (this.yielded.length > 0) this.#use();
  }

  show(state: SlotState['state'], error?: { readonly code: string; readonly message: string }): void {
    this.#listener({
      state,
      model: { name: 'm', version: 1 },
      ...(error && { error: { code: error.code, text: error.message } }),
      since: new Date().toISOString(),
    });
  }

  async close(): Promise<void> {
    this.device.leave(this.name);
    await this.lease.close();
  }

  #use(): void {
    if (this.device.user === this.name) return;
    this.device.use(this.name);
    if (this.fails) this.show('END', this.fails);
    else this.show('AVAILABLE');
  }
}

/** Modules that share one directory, closed and removed with the test. */
export async function shareDevice(t: TestContext, options: Partial<LeaseOptions> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'edgeslot-lease-'));
  const device = new SharedDevice();
  const modules: FakeModule[] = [];
  t.after(async () => {
    await Promise.all(modules.map((module) => module.close()));
    await rm(directory, { recursive: true });
  });
  const module = (name: string, more: Partial<LeaseOptions> = {}) => {
    const one = new FakeModule(name, device, { directory, ...options, ...more });
    modules.push(one);
    return one;
  };
  return { directory, device, module };
}

/** Until it is so; the test's own time-out is the bound. */
export async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 2));
}
