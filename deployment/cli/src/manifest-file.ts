import { readFile } from 'node:fs/promises';
import { CliError, errorCode, errorText } from './cli-error.js';

const MAX_BYTES = 4 << 20;

/** Reads a text file named on the command line. */
export async function readTextFile(path: string, what: string): Promise<string> {
  try {
    const text = await readFile(path, 'utf8');
    if (text.length > MAX_BYTES)
      throw new CliError(`${what} ${path} has ${text.length} bytes; at most ${MAX_BYTES} are read`);
    return text;
  } catch (error) {
    if (error instanceof CliError) throw error;
    const code = errorCode(error);
    const why =
      code === 'ENOENT'
        ? 'does not exist'
        : code === 'EISDIR'
          ? 'is a directory'
          : `cannot be read (${code ?? errorText(error)})`;
    throw new CliError(`${what} ${path} ${why}`);
  }
}
