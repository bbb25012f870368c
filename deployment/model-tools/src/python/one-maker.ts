import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../registry/is-alive.js';
import { PythonError } from './python-error.js';

const LOOK_MS = 250;

export interface OneMakerOptions {
  readonly signal?: AbortSignal;
  /** Called once, when another process is at it. */
  readonly onWait?: (pid: number) => void;
  /** Milliseconds to wait for another process. */
  readonly timeoutMs: number;
}

/**
 * Does the work while holding a lock file, so that two processes do not do the same at once. A lock of a dead process
 * is taken over. That is for economy only: what the work leaves behind must be whole by itself.
 *
 * Rejects with the signal's reason, and with PythonError when another process holds the lock for too long or its lock can
 * neither be read nor taken away.
 */
export async function oneMaker<T>(file: string, options: OneMakerOptions, work: () => Promise<T>): Promise<T> {
  const { signal, onWait, timeoutMs } = options;
  const end = performance.now() + timeoutMs;
  let waited = false;
  while (!(await take(file))) {
    signal?.throwIfAborted();
    const holder = await holderOf(file);
    if (performance.now() > end) {
      throw new PythonError(`${file}: process ${holder ?? 'unknown'} holds it for too long; stop it, or wait`);
    }
    if (holder === undefined) continue;
    if (holder === 0 || !isAlive(holder)) {
      await breakLock(file);
      continue;
    }
    if (!waited) onWait?.(holder);
    waited = true;
    await sleep(LOOK_MS, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  try {
    await writeFile(file, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** `undefined` when the lock is gone. One without a process id is being written, or its writer died at that. */
async function holderOf(file: string): Promise<number | undefined> {
  for (let look = 0; look < 2; look++) {
    const text = await readFile(file, 'utf8').catch(unlessGone(file));
    if (text === undefined) return undefined;
    const pid = Number(text);
    if (Number.isSafeInteger(pid) && pid > 0) return pid;
    await sleep(LOOK_MS);
  }
  return 0;
}

/** Renamed first: of several that find it dead, one takes it away. */
async function breakLock(file: string): Promise<void> {
  const aside = `${file}.${randomBytes(4).toString('hex')}`;
  await rename(file, aside).catch(unlessGone(file));
  await rm(aside, { force: true });
}

/** A lock that can neither be read nor taken away would be tried for ever. */
function unlessGone(file: string): (error: NodeJS.ErrnoException) => undefined {
  return ({ code, message }) => {
    if (code === 'ENOENT') return undefined;
    throw new PythonError(`${file} is in the way (${message}): remove it when no other process uses it`);
  };
}
