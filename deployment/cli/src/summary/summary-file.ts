import { constants } from 'node:fs';
import { access, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode, errorText, usageError } from '../cli-error.js';
import type { RunSummary } from './run-summary.js';

/** Refuses, before anything runs, a file that could not be written when the run ends. */
export async function checkSummaryFile(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isDirectory()) throw usageError(`--summary ${file} is a directory: name a file`);
  const folder = dirname(file);
  const parent = await stat(folder).catch(() => undefined);
  if (!parent?.isDirectory()) throw usageError(`--summary ${file}: the folder ${folder} does not exist`);
  await access(folder, constants.W_OK | constants.X_OK).catch((error) => {
    throw usageError(
      `--summary ${file}: the folder ${folder} cannot be written (${errorCode(error) ?? errorText(error)})`,
    );
  });
}

/** Written beside and renamed, so that a reader never sees half of it. */
export async function writeSummary(file: string, summary: RunSummary): Promise<void> {
  const staging = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(staging, `${JSON.stringify(summary, null, 2)}\n`);
    await rename(staging, file);
  } catch (error) {
    await rm(staging, { force: true });
    throw error;
  }
}
