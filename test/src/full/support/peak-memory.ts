import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningCommand } from '../../support/run-command.js';

/** Follows a command to its end; the most memory it had resident at once, in bytes (Linux). */
export async function peakMemory(command: RunningCommand): Promise<number> {
  let peak = 0;
  while (command.running) {
    const status = await readFile(`/proc/${command.child.pid}/status`, 'utf8').catch(() => '');
    peak = Math.max(peak, 1024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0));
    await sleep(50);
  }
  return peak;
}

/** What a process has resident now, in bytes (Linux). */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]);
}
