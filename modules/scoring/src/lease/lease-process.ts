import { join } from 'node:path';
import type { FileLock } from '@edgeslot/native';
import { within } from '../within.js';
import { HolderCall } from './holder-call.js';
import { HolderDoor } from './holder-door.js';
import type { LeaseFile } from './lease-file.js';
import type { Holder } from './lease-record.js';
import { type LeaseTimes, Patience } from './lease-times.js';
import { LockSeeker } from './lock-seeker.js';
import type { AnswerMessage, RequestMessage } from './messages.js';
import { IDLE, transition } from './protocol.js';
import type { Answer, LeaseEffect, LeaseEvent, LeaseState, Reservation } from './protocol-types.js';
import { SocketPath } from './socket-path.js';

/** For an epoch that is being written when the lease is closed. */
const CLOSE_MS = 2000;

export interface LeaseProcessOptions {
  readonly directory: string;
  readonly device: string;
  readonly self: Omit<Holder, 'since' | 'model'>;
  readonly locks: FileLock;
  readonly times: LeaseTimes;
  readonly host: LeaseHost;
}

/** What the protocol asks of the module around it. */
export interface LeaseHost {
  /** The device may be used, until `empty`. */
  granted(epoch: number): void;
  /** Resolves when the device is not used and holds nothing; never before. */
  empty(guest: RequestMessage | undefined): Promise<void>;
  /** A holder has answered; nothing when it did not. */
  answered(answer: AnswerMessage | undefined): void;
  /** What could not be done; it is tried again. */
  failed(error: Error): void;
  changed(state: LeaseState): void;
}

/** The protocol brought to life: its events come from the kernel, the disk and the socket, its effects go there. */
export class LeaseProcess {
  readonly #options: LeaseProcessOptions;
  readonly #patience: Patience;
  readonly #door = new HolderDoor((request) => this.#requested(request));
  readonly #socket: SocketPath;
  readonly #requests = new Map<string, RequestMessage>();
  #state: LeaseState = IDLE;
  /** One event at a time, with all its effects, as in the model. */
  #queue: Promise<void> = Promise.resolve();
  #file: LeaseFile | undefined;
  #seeker: LockSeeker | undefined;
  #seeking: Promise<void> = Promise.resolve();
  #call: HolderCall | undefined;
  #timer: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;
  #tellClosed = () => {};
  readonly #closed = new Promise<void>((resolve) => {
    this.#tellClosed = resolve;
  });

  constructor(options: LeaseProcessOptions) {
    this.#options = options;
    this.#patience = new Patience(options.times);
    this.#socket = new SocketPath(options.directory, `${options.device}.sock`);
  }

  get path(): string {
    return join(this.#options.directory, `${this.#options.device}.lease`);
  }

  /** The device is wanted: by a start or by a wish, which may ask the holder for it. */
  want(): void {
    this.#patience.resetAsking();
    this.#dispatch({ on: 'want' });
  }

  /** Nothing could be loaded: whoever waits may have the device. */
  fruitless(): void {
    this.#dispatch({ on: 'fruitless' });
  }

  /** A model is loaded: told to who looks into the file. */
  fruitful(model: string): void {
    this.#patience.resetResting();
    this.#enqueue(async () => this.#file?.describe(model));
  }

  /** For a device that is empty and stays so. A disk that hangs is not waited for: the lock ends with the process. */
  async close(): Promise<void> {
    this.#dispatch({ on: 'close' });
    await within(this.#closed, CLOSE_MS, () => {});
    this.#door.shut();
    await this.#socket.close();
  }

  #dispatch(event: LeaseEvent): void {
    const { host, self } = this.#options;
    this.#enqueue(async () => {
      const { state, effects } = transition(self.instance, this.#state, event);
      this.#state = state;
      // One that fails does not keep the others, such as the timer that tries again, from being done.
      for (const effect of effects) await this.#perform(effect).catch((error: Error) => host.failed(error));
      host.changed(state);
      if (state.phase === 'closed') this.#tellClosed();
    });
  }

  #enqueue(work: () => Promise<void>): void {
    this.#queue = this.#queue.then(work).catch((error: Error) => this.#options.host.failed(error));
  }

  async #perform(effect: LeaseEffect): Promise<void> {
    switch (effect.do) {
      case 'wait':
        this.#seek();
        return;
      case 'endWait':
        return this.#endSeek();
      case 'ask':
        return this.#ask();
      case 'hangUp':
        this.#hangUp();
        return;
      case 'reply':
        this.#reply(effect.to, effect.answer);
        return;
      case 'take':
        void this.#take();
        return;
      case 'grant':
        this.#grant();
        return;
      case 'empty':
        this.#empty();
        return;
      case 'unlock':
        return this.#unlock(effect.reserve, effect.untouched ?? false);
      case 'timer':
        this.#startTimer(this.#patience.next(effect.name));
        return;
      case 'endTimer':
        clearTimeout(this.#timer);
        return;
    }
  }

  #seek(): void {
    const { locks, times } = this.#options;
    const seeker = new LockSeeker(this.path, locks, times.look);
    this.#seeker = seeker;
    this.#seeking = this.#found(seeker.seek()).catch(async (error: Error) => {
      await this.#closeFile();
      this.#options.host.failed(error);
      this.#dispatch({ on: 'waitFailed' });
    });
  }

  async #found(seeking: Promise<LeaseFile | undefined>): Promise<void> {
    const file = await seeking;
    if (!file) return;
    this.#file = file;
    const { reserved } = await file.read();
    this.#dispatch({ on: 'locked', ...(reserved && { reserved }) });
  }

  /** When it has ended with the lock after all, the event is on its way already. */
  async #endSeek(): Promise<void> {
    this.#seeker?.stop();
    await this.#seeking;
  }

  async #ask(): Promise<void> {
    const { self, times, host } = this.#options;
    const { module, instance, pid } = self;
    const request: RequestMessage = { request: 'DEVICE', module, instance, pid, deadlineMs: times.deadline };
    this.#call = new HolderCall(await this.#socket.get(), request, (answer) => {
      if (answer?.answer === 'GRANT_IN') this.#patience.promise(answer.ms ?? 0);
      if (answer) host.answered(answer);
      this.#dispatch({ on: 'answered', answer: answer?.answer ?? 'gone' });
    });
  }

  #hangUp(): void {
    if (this.#call && !this.#call.heard) this.#options.host.answered(undefined);
    this.#call?.hangUp();
    this.#call = undefined;
  }

  #requested(request: RequestMessage): void {
    this.#requests.set(request.instance, request);
    this.#dispatch({ on: 'requested', from: request.instance });
  }

  #reply(to: string, answer: Answer): void {
    const { times } = this.#options;
    if (answer === 'GRANT_IN') this.#door.answer(to, { answer, ms: times.drain });
    else if (answer === 'DENY') this.#door.answer(to, { answer, reason: this.#whyNot() });
    else this.#door.answer(to, { answer });
    if (answer !== 'GRANT_IN') this.#requests.delete(to);
  }

  #whyNot(): string {
    const guest = this.#state.phase === 'emptying' && this.#state.guest && this.#requests.get(this.#state.guest);
    return guest ? `it is being handed over to module ${guest.module}` : 'this module does not hold it';
  }

  async #take(): Promise<void> {
    try {
      const epoch = await this.#file!.take({ ...this.#options.self, since: new Date().toISOString() });
      await this.#door.open(await this.#socket.get());
      this.#dispatch({ on: 'taken', epoch });
    } catch (error) {
      this.#options.host.failed(error as Error);
      this.#dispatch({ on: 'takeFailed' });
    }
  }

  #grant(): void {
    if (this.#state.phase !== 'held') return;
    this.#patience.resetAsking();
    clearInterval(this.#look);
    const file = this.#file!;
    this.#look = setInterval(async () => {
      const current = await file.isCurrent().catch(() => false);
      if (!current && file === this.#file) this.#dispatch({ on: 'displaced' });
    }, this.#options.times.look);
    this.#options.host.granted(this.#state.epoch);
  }

  #empty(): void {
    const guest = this.#state.phase === 'emptying' && this.#state.guest;
    const { host } = this.#options;
    // A device that cannot be emptied may still be in use: then the lock is kept.
    host.empty(guest ? this.#requests.get(guest) : undefined).then(
      () => this.#dispatch({ on: 'emptied' }),
      (error: Error) => host.failed(error),
    );
  }

  async #unlock(reserved: Reservation | undefined, untouched: boolean): Promise<void> {
    clearInterval(this.#look);
    // Whoever has the lock next opens a socket of the same name.
    this.#door.shut(reserved?.instance);
    try {
      if (!untouched) await this.#file?.giveUp(reserved);
    } catch (error) {
      this.#options.host.failed(error as Error);
    } finally {
      await this.#closeFile();
    }
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  #startTimer(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#dispatch({ on: 'timer' }), ms);
  }
}
