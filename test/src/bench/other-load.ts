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

/**
 * Nothing where the kernel does not say how busy the machine is.
 *
 * @param helpers processes that are ours too; children that have ended are anyway
 */
export function readLoad(helpers: readonly number[] = []): LoadReading | undefined {
  try {
    const all = busyTicks(readFileSync('/proc/stat', 'utf8')) / TICKS_PER_SECOND;
    const { user, system } = process.cpuUsage();
    const others = helpers.map((pid) => processTicks(readFileSync(`/proc/${pid}/stat`, 'utf8')).own);
    const { children } = processTicks(readFileSync('/proc/self/stat', 'utf8'));
    const ticks = others.reduce((sum, own) => sum + own, children);
    return { seconds: performance.now() / 1000, all, ours: (user + system) / 1e6 + ticks / TICKS_PER_SECOND };
  } catch {
    return undefined;
  }
}

/** Of /proc/PID/stat: what the process used itself, and its children that have ended and were waited for. */
export function processTicks(stat: string): { readonly own: number; readonly children: number } {
  // The second field is the command in brackets, and may hold anything.
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
  return { own: user + system, children: childrenUser + childrenSystem };
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
