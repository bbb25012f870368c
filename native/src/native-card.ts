import type { CardCounters, CardHealth, CardInfo, CardRoleStatus, LoadReport, RunReport } from './card.js';
import type { CardStatusName } from './device-error.js';

/**
 * A card as the addon gives it. Each request is named by a number of its environment, by which it can be given up. A
 * wrong argument is a TypeError, thrown at once; everything else rejects.
 */
export interface NativeCard {
  run(request: number, input: Float32Array, output: Float32Array, timeoutMs: number): Promise<RunReport>;
  loopback(request: number, input: Uint8Array, output: Uint8Array, timeoutMs: number): Promise<RunReport>;
  status(request: number): Promise<CardRoleStatus>;
  load(request: number, network: object, timeoutMs: number): Promise<LoadReport>;
  unload(request: number): Promise<void>;
  reset(request: number): Promise<void>;
  cancel(request: number): void;
  health(): CardHealth;
  counters(): CardCounters;
  close(): Promise<void>;
  token(): number;
  info(): CardInfo;
}

/** What the addon exports for cards; absent where there is no driver, and in an addon that was built before. */
export interface CardAddon {
  openCard(options: {
    readonly path: string;
    readonly sysfs: string;
    readonly epoch: number;
    readonly slots: number;
    /** Empty for none. */
    readonly driverLibrary: string;
    readonly driverOwner: number;
  }): Promise<NativeCard>;
  attachCard(token: number): NativeCard;
  useErrorClass(errorClass: new (status: CardStatusName, text: string) => Error): void;
}
