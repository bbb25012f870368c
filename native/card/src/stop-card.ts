import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askToStop } from './card-control.js';
import { CardError } from './card-error.js';

const BOUND_MS = 10_000;
const LOOK_EVERY_MS = 20;

/** Stops a card and answers when its process is gone. @throws CardError when none runs, or it does not end in time */
export async function stopCard(directory: string): Promise<void> {
  await askToStop(directory);
  const end = performance.now() + BOUND_MS;
  // The lock's file goes last.
  while ((await readFile(join(directory, 'lock'), 'utf8').catch(() => '')) !== '') {
    if (performance.now() > end)
      throw new CardError(`the card in ${directory} did not end within ${BOUND_MS / 1000} s`);
    await sleep(LOOK_EVERY_MS);
  }
}
