import { appendFileSync, closeSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** What the processes share; only its name exists. */
export const DEVICE = 'chaos';

/** How long a killed process may take to be gone after the kernel has freed its lock. */
const DYING_MS = 2000;

/** One use of the device, as its witness wrote it down. */
export interface Use {
  readonly what: 'begin' | 'end' | 'VIOLATION';
  readonly pid: number;
  readonly epoch: number;
  readonly detail?: string;
}

/**
 * Watches who uses a device, without the lease and its lock: a file that only one can make, and a log that all append to.
 * Who finds the file of another that still lives has found two users at once.
 */
export class Witness {
  readonly #mark: string;
  readonly #log: string;

  constructor(directory: string) {
    this.#mark = join(directory, 'in-use');
    this.#log = join(directory, 'witness.log');
  }

  async begin(epoch: number): Promise<number> {
    for (const started = Date.now(); ; ) {
      const user = this.#setMark();
      if (user === undefined) break;
      if (!isAlive(user)) unlinkSync(this.#mark);
      else if (Date.now() - started > DYING_MS) {
        this.#write({ what: 'VIOLATION', pid: process.pid, epoch, detail: `process ${user} uses the device` });
        break;
      } else await new Promise((resolve) => setTimeout(resolve, 1));
    }
    this.#write({ what: 'begin', pid: process.pid, epoch });
    return epoch;
  }

  /** To be called while the device is used: the mark must be this process' own. */
  check(epoch: number): void {
    const user = readMark(this.#mark);
    if (user === process.pid) return;
    this.#write({ what: 'VIOLATION', pid: process.pid, epoch, detail: `the mark is process ${user}'s` });
  }

  end(epoch: number): void {
    this.check(epoch);
    this.#write({ what: 'end', pid: process.pid, epoch });
    unlinkSync(this.#mark);
  }

  /** All uses, in the order in which they were written. */
  uses(): Use[] {
    return readFileSync(this.#log, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Use);
  }

  /** Who has set the mark before; nothing when it is set now. */
  #setMark(): number | undefined {
    try {
      const fd = openSync(this.#mark, 'wx');
      writeSync(fd, String(process.pid));
      closeSync(fd);
      return undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      return readMark(this.#mark);
    }
  }

  #write(use: Use): void {
    appendFileSync(this.#log, `${JSON.stringify(use)}\n`);
  }
}

function readMark(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return 0;
  }
}

/** A zombie does nothing any more; a stopped process may go on. */
function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^\d+ \(.*\) [ZX]/s.test(stat);
  } catch {
    return false;
  }
}

/**
 * What is wrong with a log of uses: two at once, an epoch that does not grow, an end of what was not begun.
 *
 * @param killed processes whose uses may end without a word
 */
export function findings(uses: readonly Use[], killed: ReadonlySet<number>): string[] {
  const found: string[] = [];
  let open: Use | undefined;
  let newest = { epoch: 0, pid: 0 };
  for (const use of uses) {
    const text = JSON.stringify(use);
    if (use.what === 'VIOLATION') found.push(text);
    if (use.what === 'begin') {
      if (open && !killed.has(open.pid)) found.push(`${text} while ${JSON.stringify(open)} is open`);
      // One holder may use the device again and again.
      const grown = use.epoch > newest.epoch || (use.epoch === newest.epoch && use.pid === newest.pid);
      if (!grown) found.push(`${text} after epoch ${newest.epoch} of process ${newest.pid}`);
      newest = use;
      open = use;
    }
    if (use.what === 'end') {
      if (open?.pid !== use.pid || open.epoch !== use.epoch) found.push(`${text} was not begun`);
      open = undefined;
    }
  }
  if (open && !killed.has(open.pid)) found.push(`${JSON.stringify(open)} never ended`);
  return found;
}
