import { shortPath } from '../checkout.js';
import { CliError, errorText } from '../cli-error.js';

/** What `startRuntime` refuses, as one line that says what to do. */
export function explainStartFailure(error: unknown, stateDir: string): CliError {
  if (error instanceof CliError) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'RuntimeRunningError') return alreadyRunning(stateDir, errorText(error));
  if (name === 'ManifestError') return new CliError((error as Error).message);
  return new CliError(`the runtime cannot start: ${errorText(error)}`, 1, { cause: error });
}

export function alreadyRunning(stateDir: string, text: string): CliError {
  const where = shortPath(stateDir);
  const option = where === '.edgeslot' ? '' : ` --state ${where}`;
  return new CliError(
    `${text}; stop it with \`npx edgeslot down${option}\`, or start another one with --state DIR --host auto`,
  );
}
