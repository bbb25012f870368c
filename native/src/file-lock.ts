import { type Addon, type AddonLoad, loadAddon } from './addon.js';

/** A wait for a lock that another process holds. */
export interface LockWait {
  /** True once the lock is held; false when it was cancelled before. Rejects with what flock(2) said. */
  readonly locked: Promise<boolean>;
  /** Ends the wait; `locked` tells whether the lock was got before. Harmless again, and after the end. */
  cancel(): void;
}

/** flock(2) on an open file, exclusive: freed by `unlock`, by closing, and by the death of the process. */
export interface FileLock {
  /** False while another open file holds it. Throws when the file system has no locks. */
  tryLock(fd: number): boolean;
  unlock(fd: number): void;
  /** Waits in a thread of its own. The file must stay open until `locked` has settled. */
  waitForLock(fd: number): LockWait;
}

/** The addon's file locks, or why there are none. */
export function loadFileLock(load: () => AddonLoad = loadAddon): FileLock | { readonly error: string } {
  const loaded = load();
  if (!('addon' in loaded)) return loaded;
  const { tryLock, unlock, waitForLock } = loaded.addon;
  if (!tryLock || !unlock || !waitForLock) return { error: 'the addon was built before it had file locks' };
  return { tryLock, unlock, waitForLock: (fd) => wait(waitForLock, fd) };
}

function wait(waitForLock: NonNullable<Addon['waitForLock']>, fd: number): LockWait {
  const { promise, resolve, reject } = withResolvers();
  const cancel = waitForLock(fd, (error, locked) => (error ? reject(error) : resolve(locked)));
  return { locked: promise, cancel };
}

function withResolvers() {
  let resolve!: (locked: boolean) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<boolean>((...settle) => {
    [resolve, reject] = settle;
  });
  return { promise, resolve, reject };
}
