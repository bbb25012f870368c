import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { markOf, type ProcessMark, stillLives } from './process-life.js';

export interface RunningRuntime extends ProcessMark {
  readonly runDir: string;
  readonly socketPath: string;
}

export class RuntimeRunningError extends Error {
  override readonly name = 'RuntimeRunningError';
  constructor(
    readonly stateDir: string,
    readonly runtime: RunningRuntime,
  ) {
    super(
      `a runtime (pid ${runtime.pid}) is already running on ${stateDir}; stop it with \`edgeslot down\`, or use another --state directory`,
    );
  }
}

const LOCK = 'runtime.lock';
// A unix socket's path holds 107 bytes on Linux and 103 on macOS; the run directory's longest file takes about 30.
const LONGEST_RUN_DIR = 70;
/** Run directories of this user begin with it. */
export const RUN_DIR_PREFIX = `edgeslot-${process.getuid?.() ?? 0}-`;
/** In a run directory: a link to the state directory it belongs to. */
export const STATE_LINK = 'state';

/** Sockets live here: short, private, and the same for a state directory each time. */
export function runDirOf(stateDir: string): string {
  const hash = createHash('sha256').update(path.resolve(stateDir)).digest('hex').slice(0, 10);
  const preferred = path.join(tmpdir(), RUN_DIR_PREFIX + hash);
  return Buffer.byteLength(preferred) <= LONGEST_RUN_DIR ? preferred : path.join('/tmp', RUN_DIR_PREFIX + hash);
}

/** Takes the state directory for this process; throws RuntimeRunningError when a living process has it. */
export async function acquireStateDir(
  stateDir: string,
): Promise<{ runtime: RunningRuntime; release(): Promise<void> }> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const runDir = runDirOf(stateDir);
  const runtime: RunningRuntime = {
    ...(await markOf(process.pid)),
    runDir,
    socketPath: path.join(runDir, 'control.sock'),
  };
  const lock = path.join(stateDir, LOCK);
  const draft = `${lock}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(runtime), { mode: 0o600 });
  try {
    for (let attempt = 0; ; attempt++) {
      // link is atomic and the file is never seen half written.
      const taken = await link(draft, lock).then(
        () => false,
        () => true,
      );
      if (!taken) break;
      const holder = await findRuntime(stateDir);
      if (holder !== undefined) throw new RuntimeRunningError(stateDir, holder);
      if (attempt === 5) throw new Error(`${lock} cannot be taken; remove it if no runtime is running`);
      await removeStale(lock, stateDir);
    }
  } finally {
    await rm(draft, { force: true });
  }
  return {
    runtime,
    release: () => rm(lock, { force: true }),
  };
}

/** The runtime that holds a state directory, if its process lives. */
export async function findRuntime(stateDir: string): Promise<RunningRuntime | undefined> {
  return readHolder(path.join(stateDir, LOCK));
}

async function readHolder(lock: string): Promise<RunningRuntime | undefined> {
  const text = await readFile(lock, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const holder = JSON.parse(text) as RunningRuntime;
    return (await stillLives(holder)) ? holder : undefined;
  } catch {
    return undefined;
  }
}

/** Moved aside first: of two starters that see the same stale lock only one gets it, and a fresh one is put back. */
async function removeStale(lock: string, stateDir: string): Promise<void> {
  const aside = path.join(stateDir, `${LOCK}.stale.${randomUUID()}`);
  await rename(lock, aside).catch(() => {});
  if ((await readHolder(aside)) !== undefined) await link(aside, lock).catch(() => {});
  await rm(aside, { force: true });
}
