import { Command, CommanderError } from 'commander';
import { version } from './checkout.js';
import { CliError, errorText } from './cli-error.js';
import type { Context } from './context.js';
import { choosePaint } from './story/style.js';
import { addCard } from './verbs/card.js';
import { addDemo } from './verbs/demo.js';
import { addDeploy } from './verbs/deploy.js';
import { addDevice } from './verbs/device.js';
import { addDown } from './verbs/down.js';
import { addLogs } from './verbs/logs.js';
import { addMethod } from './verbs/method.js';
import { addModel } from './verbs/model.js';
import { addRestart } from './verbs/restart.js';
import { addScore } from './verbs/score.js';
import { addServe } from './verbs/serve.js';
import { addStatus } from './verbs/status.js';
import { addSwap } from './verbs/swap.js';
import { addTwin } from './verbs/twin.js';
import { addUp } from './verbs/up.js';

const VERBS = {
  'Start and stop:': [addDemo, addUp, addDown, addServe],
  'Score:': [addScore, addModel],
  'Look into a running runtime, and change it:': [
    addStatus,
    addSwap,
    addDeploy,
    addLogs,
    addTwin,
    addMethod,
    addRestart,
  ],
  'Cards:': [addDevice, addCard],
};
const WIDEST_HELP = 100;
/** With more verbs of its own, a verb's line would be too long. */
const MOST_SHOWN = 3;

const AFTER_HELP = `
edgeslot VERB --help tells a verb's options.

Examples:
  npm start -- --frames 20 --summary out.json
  npx edgeslot score PHOTO.jpg
  npx edgeslot swap belt-colour
  npx edgeslot deploy deployment/demo/deployment.b.json
  npx edgeslot twin patch camera '{"rate": 5}'
  npx edgeslot down --purge`;

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
    .version(version(), '-V, --version', 'print the version')
    .showHelpAfterError('(edgeslot --help lists the verbs)')
    .exitOverride()
    .helpOption('-h, --help', 'show this')
    .helpCommand(false)
    .addHelpText('after', AFTER_HELP)
    .configureHelp({ subcommandTerm, helpWidth: Math.min(context.stdout.columns ?? 80, WIDEST_HELP) })
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'edgeslot: ')),
    });
  program.enablePositionalOptions();
  for (const [group, verbs] of Object.entries(VERBS)) {
    program.commandsGroup(group);
    for (const add of verbs) add(program, context);
  }
  return program;
}

/** `deploy <manifest>`, `twin get|patch`: that every verb has options goes without saying. */
function subcommandTerm(command: Command): string {
  const parts = command.registeredArguments.map((argument) => {
    const text = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${text}>` : `[${text}]`;
  });
  const verbs = command.commands.map((each) => each.name());
  const choice = verbs.length > MOST_SHOWN ? '<verb>' : verbs.join('|');
  return [command.name(), choice, ...parts].filter(Boolean).join(' ');
}
