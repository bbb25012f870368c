import { errorText, usageError } from './cli-error.js';
import { readTextFile } from './manifest-file.js';

/** JSON given on the command line, or `@FILE`. */
export async function readJsonArgument(argument: string, what: string): Promise<unknown> {
  const fromFile = argument.startsWith('@');
  const text = fromFile ? await readTextFile(argument.slice(1), what) : argument;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(
      `${what} ${fromFile ? argument.slice(1) : JSON.stringify(argument)} is not JSON: ${errorText(error)}`,
    );
  }
}
