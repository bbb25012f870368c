import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildCard } from './build-card.js';
import { whyNotHere } from './can-run.js';
import { type CardStatus, cardStatus } from './card-control.js';
import { CardError } from './card-error.js';

/** One for the machine, as a card is. */
export const DEFAULT_DIRECTORY = '/run/edgeslot-card';
export const DEFAULT_SLOTS = 64;
export const DEFAULT_BYTES_PER_SLOT = 1_048_576;

const READY_BOUND_MS = 20_000;
const computeScript = fileURLToPath(new URL('compute.js', import.meta.url));

export interface StartOptions {
  /** The card lives in it: `dev/catapult0`, `sys/catapult0/`, `card.log`. */
  readonly directory?: string;
  /** 2 to 256. */
  readonly slots?: number;
  /** A power of two, 8 KiB to 1 MiB. */
  readonly bytesPerSlot?: number;
  /** A node for the card's management function too: that is `catapult0` then, and the role `catapult1`. */
  readonly management?: boolean;
  /** Another build of the daemon, such as one under sanitizers; compiled here without it. */
  readonly program?: string;
}

export interface StartedCard {
  readonly directory: string;
  /** The role's, to be opened in place of `/dev/catapult0`. */
  readonly node: string;
  /** In place of `/dev`. */
  readonly devDir: string;
  /** In place of `/sys/class/catapult`. */
  readonly sysfsDir: string;
  readonly status: CardStatus;
}

/**
 * Starts a card as a process of its own, which outlives this one; answers when it can be opened.
 * @throws CardError when it cannot run here, or runs there already
 */
export async function startCard(options: StartOptions = {}): Promise<StartedCard> {
  const {
    directory: given = DEFAULT_DIRECTORY,
    slots = DEFAULT_SLOTS,
    bytesPerSlot = DEFAULT_BYTES_PER_SLOT,
    management = false,
  } = options;
  const reason = whyNotHere();
  if (reason !== undefined) throw new CardError(reason);
  const directory = resolve(given);
  const program = options.program ?? join(await buildCard(), 'edgeslot-card');
  await mkdir(directory, { recursive: true, mode: 0o755 });
  await spawnDaemon(program, directory, [
    ...(management ? ['--management'] : []),
    ...[directory, String(slots), String(bytesPerSlot), process.execPath, computeScript],
  ]);
  const devDir = join(directory, 'dev');
  return {
    directory,
    devDir,
    node: join(devDir, management ? 'catapult1' : 'catapult0'),
    sysfsDir: join(directory, 'sys'),
    status: await cardStatus(directory),
  };
}

async function spawnDaemon(program: string, directory: string, words: readonly string[]): Promise<void> {
  const logFile = join(directory, 'card.log');
  const log = openSync(logFile, 'a', 0o644);
  const started = (await readFile(logFile)).length;
  const child = spawn(program, words, {
    detached: true,
    cwd: '/',
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  const outcome = await new Promise<'ready' | 'late' | 'ended' | Error>((resolve) => {
    const timer = setTimeout(() => resolve('late'), READY_BOUND_MS);
    const settle = (value: 'ready' | 'ended' | Error) => {
      clearTimeout(timer);
      resolve(value);
    };
    child.stdout?.once('data', () => settle('ready'));
    child.once('exit', () => settle('ended'));
    child.once('error', settle);
  });
  child.stdout?.destroy();
  child.unref();
  if (outcome === 'ready') return;
  if (outcome instanceof Error) throw new CardError(`the virtual card did not start: ${outcome.message}`);
  if (outcome === 'late') child.kill('SIGKILL');
  const said = (await readFile(logFile)).subarray(started).toString('utf8').trim().split('\n').at(-1);
  throw new CardError(said || `the virtual card did not start within ${READY_BOUND_MS / 1000} s: see ${logFile}`);
}
