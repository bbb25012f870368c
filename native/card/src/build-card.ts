import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CardError } from './card-error.js';

const run = promisify(execFile);
const BOUND_MS = 300_000;
const folder = fileURLToPath(new URL('..', import.meta.url));
export const builtFolder = fileURLToPath(new URL('../build', import.meta.url));

/**
 * Compiles the card's daemon and its client, unless they are newer than their sources.
 * @throws CardError when there is no compiler, or it fails
 */
export async function buildCard(): Promise<void> {
  try {
    await run('make', ['-s', '-C', folder, `OUT=${builtFolder}`], { timeout: BOUND_MS });
  } catch (error) {
    const { code, stderr = '' } = error as NodeJS.ErrnoException & { stderr?: string };
    const missing = code === 'ENOENT' || /(g\+\+|c\+\+|cc|gcc): .*not found|No such file or directory$/m.test(stderr);
    if (missing) throw new CardError('the virtual card is compiled when it is first started: install g++ and make');
    const first = stderr.split('\n').find((line) => line.includes('rror')) ?? String(error);
    throw new CardError(`the virtual card could not be compiled: ${first.trim()}`);
  }
}
