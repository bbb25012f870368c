import type { Card, CardHealth, CardNetwork, LoadOptions, OpenOptions } from '@edgeslot/native';
import { DeviceError } from '@edgeslot/native';

type Failure = ConstructorParameters<typeof DeviceError>[0];

/** What the lane's worker does on a card of this token (`card-lane.fixture.ts`); `pairs` ends a run when another came. */
export const TOKEN = { well: 1, timeout: 2, pairs: 3 } as const;

/** A card's node in memory: opened once at a time, and failing as it is told to. */
export class FakeNode {
  /** Everything that was done to it, in order. */
  readonly log: string[] = [];
  /** What the next calls of a name reject with, in order. */
  readonly failures: Partial<Record<'open' | 'load' | 'unload' | 'reset', Failure[]>> = {};
  /** Says how the card is, or throws. */
  askHealth = (): CardHealth => this.health;
  health: CardHealth = { severity: 'ok', temperature: 41, memoryErrors: 0, text: 'ok' };
  token: number = TOKEN.well;
  network: CardNetwork | undefined;
  isOpen = false;
  /** What a load waits for before it is done. */
  loading: Promise<void> = Promise.resolve();

  readonly open = async (path: string, { epoch }: OpenOptions): Promise<Card> => {
    this.take('open', ` ${epoch}`);
    if (this.isOpen) throw new DeviceError('BUSY', 'open twice');
    this.isOpen = true;
    return this.#card(path);
  };

  take(call: keyof FakeNode['failures'], detail = ''): void {
    this.log.push(`${call}${detail}`);
    const failure = this.failures[call]?.shift();
    if (failure) throw new DeviceError(failure, `${call} was told to fail`);
  }

  #card(path: string): Card {
    const counters = { runs: 0, failures: 0, spuriousEvents: 0, waiting: 0, inUse: 0 };
    let resets = 0;
    const unused = () => Promise.reject(new Error('not used here'));
    const close = async () => {
      if (this.isOpen) this.log.push('close');
      this.isOpen = false;
    };
    return {
      token: this.token,
      info: {
        path,
        kind: 'virtual-card',
        driver: '5.1.4.12',
        slots: 2,
        bytesPerSlot: 1 << 20,
        boardId: 'virtual-card',
      },
      capacity: 2,
      get counters() {
        return { ...counters, resets, staleAnswers: 3 };
      },
      load: async (network: CardNetwork, { signal }: LoadOptions = {}) => {
        this.take('load');
        if (this.network) throw new DeviceError('BUSY', 'a network is loaded');
        await Promise.race([this.loading, aborted(signal)]);
        this.network = network;
        return { modelledMs: 66.5, measuredMs: 1, requests: 3, bytes: network.bytes };
      },
      unload: async () => {
        this.take('unload');
        this.network = undefined;
      },
      reset: async () => {
        this.take('reset');
        resets++;
        this.network = undefined;
      },
      health: () => this.askHealth(),
      run: unused,
      loopback: unused,
      status: unused,
      close,
      [Symbol.asyncDispose]: close,
    };
  }
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
