/**
 * What a command ends with when it cannot do its work: one line `edgeslot: …` that says what to do next.
 * Exit code 1, or 2 for wrong usage.
 */
export class CliError extends Error {
  override readonly name = 'CliError';
  constructor(
    message: string,
    readonly exitCode: 1 | 2 = 1,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export function usageError(message: string): CliError {
  return new CliError(message, 2);
}

/** The text of anything thrown, on one line; of the scoring module's errors with the code of its catalogue before it. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  const code = error instanceof Error && error.name === 'ScoringError' ? `${errorCode(error)}: ` : '';
  return code + text.replace(/\s*\n\s*/g, ' | ');
}

export function errorCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}
