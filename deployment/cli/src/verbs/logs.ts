import { open, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { shortPath } from '../checkout.js';
import { CliError, errorCode } from '../cli-error.js';
import type { Context } from '../context.js';
import { requireRuntime } from '../control.js';
import { positiveInteger, withState } from '../options.js';
import { padEnd } from '../story/columns.js';
import { printable } from '../story/style.js';

const TAIL_BYTES = 1 << 20;

export function addLogs(program: Command, context: Context): void {
  withState(program.command('logs'))
    .description('print the modules’ log lines')
    .argument('[module]', 'only this module')
    .option('--tail <n>', 'how many lines of each module', positiveInteger, 100)
    .option('--follow', 'go on with what is written from now on')
    .action(async (module: string | undefined, options: { state: string; tail: number; follow?: boolean }) => {
      const folder = join(resolve(options.state), 'logs');
      const files = await logFiles(folder, module, options.follow === true);
      const width = Math.max(0, ...files.map((name) => name.length));
      const say = (name: string, line: string) =>
        context.out(
          module === undefined
            ? `${context.paint('strong', padEnd(name, width))}  ${printable(line)}`
            : printable(line),
        );
      for (const name of files) {
        for (const line of await lastLines(join(folder, `${name}.log`), options.tail)) say(name, line);
      }
      if (options.follow) await follow(options.state, module, say);
    });
}

async function follow(
  state: string,
  module: string | undefined,
  say: (name: string, line: string) => void,
): Promise<void> {
  const control = await requireRuntime(state);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
  try {
    for await (const event of control.events(stop.signal)) {
      if (event.type === 'log' && (module === undefined || event.module === module)) say(event.module, event.line);
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
}

async function logFiles(folder: string, module: string | undefined, mayBeNone: boolean): Promise<string[]> {
  const entries = await readdir(folder).catch((error) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  const names = entries.filter((name) => name.endsWith('.log')).map((name) => name.slice(0, -'.log'.length));
  const wanted = module === undefined ? names.sort() : names.filter((name) => name === module);
  if (wanted.length > 0 || mayBeNone) return wanted;
  if (names.length === 0)
    throw new CliError(`${shortPath(folder)} holds no logs: start a runtime with \`npm start\` first`);
  throw new CliError(`no log of a module "${module}"; there are ${names.sort().join(', ')}`);
}

/** The last lines of a file, of at most its last megabyte. */
async function lastLines(file: string, count: number): Promise<string[]> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    if (from > 0) lines.shift();
    if (lines.at(-1) === '') lines.pop();
    return lines.slice(-count);
  } finally {
    await handle.close();
  }
}
