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
    for (let attempt = 0; !(await tryLink(draft, lock)); attempt++) {
      if (attempt === 20) throw new Error(`${lock} cannot be taken; remove it if no runtime is running`);
      const text = await readText(lock);
      if (text === undefined) continue;
      refuseLiving(stateDir, await holderIn(text));
      if (await takeOver(stateDir, draft, text)) break;
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
  const text = await readText(path.join(stateDir, LOCK));
  return text === undefined ? undefined : holderIn(text);
}

/**
 * Replaces the lock of a dead holder, whose text was read. Of all that read it, the one whose link to a name made of that
 * text is first may; whoever comes later finds another text in the lock. A successor that died at it is succeeded alike.
 */
async function takeOver(stateDir: string, draft: string, text: string): Promise<boolean> {
  const lock = path.join(stateDir, LOCK);
  const guards: string[] = [];
  let known = text;
  for (;;) {
    const guard = `${lock}.after-${createHash('sha256').update(known).digest('hex').slice(0, 16)}`;
    guards.push(guard);
    if (await tryLink(draft, guard)) break;
    const successor = await readText(guard);
    if (successor === undefined) return false;
    refuseLiving(stateDir, await holderIn(successor));
    known += successor;
  }
  const mine = (await readText(lock)) === text;
  if (mine) await rename(draft, lock);
  for (const guard of guards) await rm(guard, { force: true });
  return mine;
}

function refuseLiving(stateDir: string, holder: RunningRuntime | undefined): void {
  if (holder !== undefined) throw new RuntimeRunningError(stateDir, holder);
}

/** link is atomic, and the file is never seen half written. */
async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readText(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

async function holderIn(text: string): Promise<RunningRuntime | undefined> {
  try {
    const holder = JSON.parse(text) as RunningRuntime;
    return (await stillLives(holder)) ? holder : undefined;
  } catch {
    return undefined;
  }
}
