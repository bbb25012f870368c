import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CardError } from './card-error.js';

const run = promisify(execFile);
const BOUND_MS = 300_000;
const folder = fileURLToPath(new URL('..', import.meta.url));
const buildFolder = join(folder, 'build');
const CORE = ['catapult-abi.h', 'system-call.h', 'system-call.cc'].map((name) => `../core/${name}`);
const SOURCES = ['Makefile', 'daemon', 'client', '../include/edgeslot_role.h', ...CORE];

/**
 * Compiles the card's daemon and its clients, unless that was done for the same sources before. Several processes may do
 * so at once: each builds on its own, and what is whole takes its place in one step.
 * @returns the folder that they are in
 * @throws CardError when there is no compiler, or it fails
 */
export async function buildCard(): Promise<string> {
  const built = join(buildFolder, await keyOfSources());
  if (existsSync(built)) return built;
  await mkdir(buildFolder, { recursive: true });
  const own = await mkdtemp(join(buildFolder, 'new-'));
  try {
    await make(own);
    await rename(own, built).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error; // else another was first
    });
  } finally {
    await rm(own, { recursive: true, force: true });
  }
  return built;
}

async function keyOfSources(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    const path = join(folder, source);
    const names = await readdir(path).catch(() => undefined); // a file
    for (const file of names?.sort().map((name) => join(path, name)) ?? [path])
      hash.update(`${file}\0`).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}

async function make(out: string): Promise<void> {
  try {
    await run('make', ['-s', '-C', folder, `OUT=${out}`], { timeout: BOUND_MS });
  } catch (error) {
    const { code, stderr = '' } = error as NodeJS.ErrnoException & { stderr?: string };
    const missing = code === 'ENOENT' || /(g\+\+|c\+\+|cc|gcc): .*not found|(g\+\+|cc): No such file/m.test(stderr);
    if (missing) throw new CardError('the virtual card is compiled when it is first started: install g++ and make');
    const first = stderr.split('\n').find((line) => line.includes('rror')) ?? String(error);
    throw new CardError(`the virtual card could not be compiled: ${first.trim()}`);
  }
}
