import type { ImageProgram } from './image-catalog.js';
import { TOOL_PATH, unshareArguments } from './isolation.js';
import { NAMESPACE_SCRIPT } from './namespace-script.js';

export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The child inherits the read end of a pipe as descriptor 3 and ends when it closes. */
  readonly watchPipe: boolean;
}

const PRELOAD = new URL('./preload.js', import.meta.url);
const WATCH_DESCRIPTOR = 3;

/** `mounts` are the words of planMounts, the hosts file among them. */
export function launchInNamespace(
  program: ImageProgram,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  mounts: readonly string[],
): Launch {
  const words = [...mounts, '--', program.workingDir, env.PATH ?? '', ...program.command, ...args];
  return {
    file: 'unshare',
    args: [...unshareArguments(), '/bin/sh', '-c', NAMESPACE_SCRIPT, 'edgeslot', ...words],
    cwd: '/',
    env: { ...env, PATH: TOOL_PATH },
    watchPipe: false,
  };
}

/** A program that is not Node gets neither names nor the watch: it can only be run, and the engine says so. */
export function launchWithPreload(
  program: ImageProgram,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  hostsFile: string,
): Launch {
  const [file, ...rest] = program.command;
  if (!program.isNode) return { file, args: [...rest, ...args], cwd: program.workingDir, env, watchPipe: false };
  return {
    file,
    args: ['--import', PRELOAD.href, ...rest, ...args],
    cwd: program.workingDir,
    env: { ...env, EDGESLOT_HOSTS: hostsFile, EDGESLOT_WATCH: String(WATCH_DESCRIPTOR) },
    watchPipe: true,
  };
}

/** For messages: the command without what isolates it. */
export function describeCommand(program: ImageProgram, args: readonly string[]): string {
  return [...program.command, ...args].map((word) => (word === process.execPath ? 'node' : word)).join(' ');
}
