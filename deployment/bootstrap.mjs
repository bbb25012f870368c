// The one script behind `npm start`, `npm test` and `npm run build`: nothing but Node's own modules, because it runs
// before anything is installed.
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, buildNative, isBuilt, isNativeBuilt } from './bootstrap/build.mjs';
import { judgeHost, measureHost } from './bootstrap/checks.mjs';
import { install, isInstalled } from './bootstrap/install.mjs';
import { takeLock } from './bootstrap/lock.mjs';
import { findTests, makeDemoModels, runTests } from './bootstrap/tests.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [command = 'start', ...args] = process.argv.slice(2);
let lastStep = '';

const UNIT = { concurrency: 2, timeoutMs: 180_000 };
const END_TO_END = { concurrency: 2, timeoutMs: 600_000 };
const FULL = { concurrency: 1, timeoutMs: 1_800_000 };

const commands = { start, bench, build: prepare, unit, full, test: () => test(false), 'test:full': () => test(true) };

try {
  const run = commands[command];
  if (!run) throw new Error(`unknown command "${command}"; expected one of ${Object.keys(commands).join(', ')}`);
  await run();
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}

async function prepare() {
  const installed = isInstalled(root);
  const { problems, warnings } = judgeHost(measureHost(root, installed));
  for (const line of warnings) say(line);
  if (problems.length > 0) throw new Error(problems.join('\nedgeslot: '));
  const release = await takeLock(root, say);
  try {
    if (!isInstalled(root)) {
      const started = Date.now();
      await install(root, progress);
      progress('');
      say(`packages installed in ${seconds(started)}`);
    }
    const started = Date.now();
    if (!isBuilt(root)) progress('compiling');
    const code = await build(root);
    progress('');
    if (code !== 0) throw new Error('the build failed: the compiler names the places above');
    if (Date.now() - started > 3000) say(`built in ${seconds(started)}`);
    if (!isNativeBuilt(root)) progress('building the check for a card, where a C++ compiler is found');
    const lines = await buildNative(root);
    progress('');
    for (const line of lines) say(line);
  } finally {
    release();
  }
}

async function start() {
  await prepare();
  followParent();
  // In this process: signals, the terminal and the exit code are then the command's own.
  process.argv = [process.argv[0], 'edgeslot', 'demo', ...args];
  await import('./cli/bin/edgeslot.js');
}

/** Figures, in this process, as with `start`. */
async function bench() {
  await prepare();
  followParent();
  process.argv = [process.argv[0], 'bench', ...args];
  await import('../test/dist/bench/main.js');
}

async function unit() {
  await prepare();
  const { unit } = findTests(root);
  process.exitCode = await runTests(root, unit, UNIT);
}

/** What `test:full` does beyond `test`, or just the files named of it: the gate takes the short ones. */
async function full() {
  await prepare();
  const { full } = findTests(root);
  const nameOf = (file) => basename(file, '.test.js');
  const unknown = args.filter((name) => !full.some((file) => nameOf(file) === name));
  if (unknown.length > 0) {
    throw new Error(`no full test is called ${unknown.join(', ')}; there are ${full.map(nameOf).join(', ')}`);
  }
  const wanted = args.length === 0 ? full : full.filter((file) => args.includes(nameOf(file)));
  process.exitCode = await runTests(root, wanted, FULL);
}

async function test(full) {
  await prepare();
  const found = findTests(root);
  const parts = [
    ['unit tests', found.unit, UNIT],
    ['end-to-end tests', found.endToEnd, END_TO_END],
  ];
  if (full) parts.push(['full tests', found.full, FULL]);
  const failed = [];
  for (const [name, files, options] of parts) {
    // Two files at a time would each begin to make them.
    if (files === found.endToEnd) {
      say('demo models (made once, about half a minute)');
      if ((await makeDemoModels(root)) !== 0) throw new Error('the demo models could not be made');
    }
    say(`${name}: ${files.length} files`);
    const code = await runTests(root, files, options);
    if (code === 130) throw new Error('interrupted');
    if (code !== 0) failed.push(name);
  }
  if (failed.length > 0) throw new Error(`failed: ${failed.join(', ')}`);
}

/**
 * npm passes signals to its shell only, and a shell that does not hand over its process leaves us behind when it dies.
 * Losing the parent therefore means: stop.
 */
function followParent() {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, 1000);
  timer.unref();
}

function say(text) {
  console.error(`edgeslot: ${text}`);
}

/** On a terminal one line that is overwritten, and taken away by ''; elsewhere one line per step, without its details. */
function progress(step, detail = '') {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${step === '' ? '' : `edgeslot: ${step}${detail}`}`);
  else if (step !== '' && step !== lastStep) say(step);
  lastStep = step;
}

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(0)} s`;
}
