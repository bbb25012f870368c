import type { Paint } from './story/style.js';

/** What a verb writes to and reads from. */
export interface Context {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
  readonly paint: Paint;
  /** One line on standard output. */
  out(text: string): void;
  /** One line on standard error. */
  note(text: string): void;
  /** The exit code of the process once everything has ended. */
  exitCode: number;
}
