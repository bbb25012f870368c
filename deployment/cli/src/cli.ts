import { Command, CommanderError } from 'commander';
import { version } from './checkout.js';
import { CliError, errorText } from './cli-error.js';
import type { Context } from './context.js';
import { choosePaint } from './story/style.js';
import { addDemo } from './verbs/demo.js';
import { addDeploy } from './verbs/deploy.js';
import { addDown } from './verbs/down.js';
import { addLogs } from './verbs/logs.js';
import { addMethod } from './verbs/method.js';
import { addModel } from './verbs/model.js';
import { addRestart } from './verbs/restart.js';
import { addScore } from './verbs/score.js';
import { addServe } from './verbs/serve.js';
import { addStatus } from './verbs/status.js';
import { addTwin } from './verbs/twin.js';
import { addUp } from './verbs/up.js';

const VERBS = [
  addDemo,
  addUp,
  addDown,
  addStatus,
  addDeploy,
  addScore,
  addServe,
  addLogs,
  addTwin,
  addMethod,
  addRestart,
  addModel,
];

export interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Runs one command; answers its exit code: 0 done, 1 failed, 2 wrong usage. */
export async function runCli(
  argv: readonly string[],
  streams: Streams = process,
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const { stdout, stderr } = streams;
  const context: Context = {
    stdout,
    stderr,
    env,
    paint: choosePaint(stdout, env),
    out: (text) => void stdout.write(`${text}\n`),
    note: (text) => void stderr.write(`${text}\n`),
    exitCode: 0,
  };
  try {
    await buildProgram(context).parseAsync(argv, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    context.note(`edgeslot: ${error instanceof CliError ? error.message : errorText(error)}`);
    if (!(error instanceof CliError) && env.EDGESLOT_DEBUG && error instanceof Error) context.note(error.stack ?? '');
    return error instanceof CliError ? error.exitCode : 1;
  }
}

function buildProgram(context: Context): Command {
  const program = new Command('edgeslot')
    .description('Hardware accelerated scoring for Data Box Edge, and a local Edge runtime to run it on')
    .version(version())
    .showHelpAfterError('(edgeslot --help lists the verbs)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'edgeslot: ')),
    });
  program.enablePositionalOptions();
  for (const add of VERBS) add(program, context);
  return program;
}
