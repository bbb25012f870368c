import { readFileSync } from 'node:fs';

/** CPU time in seconds, of all processes together and of ours alone, at one moment. */
export interface LoadReading {
  /** Monotonic. */
  readonly seconds: number;
  readonly all: number;
  readonly ours: number;
}

/** Linux counts in this unit on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Nothing where the kernel does not say how busy the machine is. */
export function readLoad(): LoadReading | undefined {
  let stat: string;
  try {
    stat = readFileSync('/proc/stat', 'utf8');
  } catch {
    return undefined;
  }
  const all = busyTicks(stat) / TICKS_PER_SECOND;
  const { user, system } = process.cpuUsage();
  return { seconds: performance.now() / 1000, all, ours: (user + system) / 1e6 };
}

/** Of the first line of /proc/stat: user, nice, system, interrupts, and what a hypervisor gave to others. */
export function busyTicks(stat: string): number {
  const [user, nice, system, , , irq, softirq, steal] = stat
    .split('\n', 1)[0]!
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return [user, nice, system, irq, softirq, steal].reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0);
}

/** Cores that other processes used between two readings, 1 being one whole core. */
export function othersShare(before: LoadReading, after: LoadReading): number {
  const seconds = after.seconds - before.seconds;
  if (seconds <= 0) return 0;
  return Math.max(0, after.all - before.all - (after.ours - before.ours)) / seconds;
}
