import { readFile } from 'node:fs/promises';

/** A process, told from a later one with the same id. */
export interface ProcessMark {
  readonly pid: number;
  /** Empty where /proc is not there. */
  readonly startTime: string;
}

export async function markOf(pid: number): Promise<ProcessMark> {
  return { pid, startTime: await startTimeOf(pid) };
}

/** Whether that very process still lives; its id must be one of this PID namespace. */
export async function stillLives({ pid, startTime }: ProcessMark): Promise<boolean> {
  return isAlive(pid) && (await startTimeOf(pid)) === startTime;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function startTimeOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Field 22; the command in field 2 may hold blanks and brackets.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
