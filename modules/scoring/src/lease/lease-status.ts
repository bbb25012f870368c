import type { Holder } from './lease-record.js';
import type { LeaseState } from './protocol-types.js';

/** Who has a lease, as far as others are told. */
export type KnownHolder = Pick<Holder, 'module' | 'pid' | 'since' | 'model'>;

/** What the twin, the health check and the log say of the lease. */
export interface LeaseStatus {
  /** Of the device that was selected: `catapult0`, `emulator`. */
  readonly device: string;
  /**
   * `none`: not wanted yet · `waiting` · `held` · `handing-over` · `handed-over` to who asked · `busy`: waited for too
   * long · `unavailable`: the directory or its lock cannot be used
   */
  readonly state: 'none' | 'waiting' | 'held' | 'handing-over' | 'handed-over' | 'busy' | 'unavailable';
  /** Of this module, while it holds the lease. */
  readonly epoch?: number;
  /** Who has it, this module or another; as the lease file says. */
  readonly holder?: KnownHolder;
  /** One readable line. */
  readonly text: string;
}

export interface StatusFacts {
  readonly device: string;
  readonly phase: LeaseState['phase'];
  readonly epoch?: number | undefined;
  readonly holder?: KnownHolder | undefined;
  /** What cannot be used, and why. */
  readonly unavailable?: string | undefined;
  /** What the holder does instead of giving it up. */
  readonly busy?: string | undefined;
  readonly handedTo?: string | undefined;
}

export function leaseStatus(facts: StatusFacts): LeaseStatus {
  const { device, epoch, holder } = facts;
  const [state, text] = describe(facts);
  return { device, state, text, ...(epoch !== undefined && { epoch }), ...(holder && { holder }) };
}

function describe({ device, phase, epoch, holder, unavailable, busy, handedTo }: StatusFacts) {
  switch (phase) {
    case 'idle':
    case 'closing':
    case 'closed':
      return ['none', `the lease of ${device} is not held`] as const;
    case 'held':
      return ['held', `the lease of ${device} is held, epoch ${epoch}`] as const;
    case 'emptying':
      return ['handing-over', `the lease of ${device} is given up${handedTo ? ` for ${handedTo}` : ''}`] as const;
    default:
      if (unavailable) return ['unavailable', `the lease of ${device} cannot be taken: ${unavailable}`] as const;
      if (busy) return ['busy', `the lease of ${device} is held by ${describeHolder(holder)}, which ${busy}`] as const;
      if (handedTo) return ['handed-over', `the lease of ${device} was handed over to ${handedTo}`] as const;
      return ['waiting', `the lease of ${device} is waited for`] as const;
  }
}

/** `module scoring-b (process 17) since 2026-01-01T00:00:00.000Z`; the process' number is its container's. */
export function describeHolder(holder: KnownHolder | undefined): string {
  return holder ? `module ${holder.module} (process ${holder.pid}) since ${holder.since}` : 'another module';
}
