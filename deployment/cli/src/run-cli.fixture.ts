import { runCli } from './cli.js';

/** Runs the command in this process, for tests: its exit code and what it wrote. */
export async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const text = { out: '', err: '' };
  const stream = (key: 'out' | 'err') =>
    ({
      write: (part: string) => {
        text[key] += part;
        return true;
      },
    }) as unknown as NodeJS.WriteStream;
  const code = await runCli(argv, { stdout: stream('out'), stderr: stream('err') }, {});
  return { code, ...text };
}
