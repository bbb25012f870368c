import type { FileLock, LockWait } from '@edgeslot/native';
import { LeaseFile } from './lease-file.js';

/** Waits for the lock of the file that the directory shows, even when that is replaced meanwhile. */
export class LockSeeker {
  #wait: LockWait | undefined;
  #stopped = false;

  constructor(
    private readonly path: string,
    private readonly locks: FileLock,
    private readonly lookEveryMs: number,
  ) {}

  /** The locked file; nothing when stopped before. Rejects when there is nothing to lock. */
  async seek(): Promise<LeaseFile | undefined> {
    while (!this.#stopped) {
      const file = await LeaseFile.open(this.path);
      let sought = false;
      try {
        const locked = this.locks.tryLock(file.fd) || (!this.#stopped && (await this.#waitFor(file)));
        sought = locked && (await file.isCurrent()) && !this.#stopped;
        if (sought) return file;
      } finally {
        if (!sought) await file.close();
      }
    }
    return undefined;
  }

  stop(): void {
    this.#stopped = true;
    this.#wait?.cancel();
  }

  async #waitFor(file: LeaseFile): Promise<boolean> {
    const wait = this.locks.waitForLock(file.fd);
    this.#wait = wait;
    const look = setInterval(async () => {
      if (!(await file.isCurrent().catch(() => false))) wait.cancel();
    }, this.lookEveryMs);
    try {
      return await wait.locked;
    } finally {
      clearInterval(look);
    }
  }
}
