// One bootstrap prepares a checkout at a time: a lock file that names the holder's pid.
import { createHash } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const WAIT_MS = 15 * 60_000;

export function lockFileOf(root) {
  const key = createHash('sha256').update(root).digest('hex').slice(0, 12);
  return join(os.tmpdir(), `edgeslot-prepare-${key}.lock`);
}

/**
 * Waits until no other process prepares this checkout, within a bound, and says so once.
 * @returns {Promise<() => void>} releases the lock; safe to call twice
 */
export async function takeLock(root, say, { waitMs = WAIT_MS, pollMs = 300 } = {}) {
  const file = lockFileOf(root);
  const end = Date.now() + waitMs;
  let said = false;
  while (!tryTake(file)) {
    const holder = holderOf(file);
    if (holder !== undefined && !isAlive(holder)) {
      removeStale(file);
      continue;
    }
    if (!said) say(`another process (pid ${holder ?? 'unknown'}) prepares this checkout: waiting for it`);
    said = true;
    if (Date.now() > end) {
      throw new Error(
        `process ${holder ?? 'unknown'} has been preparing this checkout for too long: stop it, or delete ${file}`,
      );
    }
    await sleep(pollMs);
  }
  let held = true;
  const release = () => {
    if (held && holderOf(file) === process.pid) rmSync(file, { force: true });
    held = false;
    process.removeListener('exit', release);
  };
  process.on('exit', release);
  return release;
}

/** A link is atomic, and the file is never seen half written. */
function tryTake(file) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${process.pid}\n`);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Moved aside first: two that see the same dead holder must not remove the lock that one of them takes next. */
function removeStale(file) {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
    const holder = holderOf(aside);
    if (holder !== undefined && isAlive(holder)) linkSync(aside, file);
  } catch {
    // Somebody else was quicker.
  } finally {
    rmSync(aside, { force: true });
  }
}

function holderOf(file) {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return Number.isInteger(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
