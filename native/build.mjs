// Builds the native addon where that is possible: `npm run build -w @edgeslot/native`, `-- --force` to build anew.
// Without a compiler the product works too (the emulator needs none), so nothing here ends non-zero except a bad
// argument. Prints exactly one line.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { headersPrefix } from './node-headers.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const addon = join(here, 'build/Release/edgeslot.node');
const stampFile = join(here, 'build/stamp.json');
const logFile = join(here, 'build/node-gyp.log');
const timeoutMs = 300_000;
const fallback = 'the emulator will be used';

const unknown = process.argv.slice(2).filter((argument) => argument !== '--force');
if (unknown.length > 0) {
  console.error(`native addon: unknown argument ${unknown[0]}; expected nothing or --force`);
  process.exit(2);
}
console.log(`native addon: ${await build(process.argv.includes('--force'))}`);

async function build(force) {
  const tools = findTools();
  const key = sourcesKey(tools);
  const stamp = readStamp();
  if (!force && stamp.key === key && stamp.built && existsSync(addon)) return 'up to date';
  if (tools.missing.length > 0) return `not built, no ${tools.missing.join(', no ')} found: ${fallback}`;
  if (!force && stamp.key === key && !stamp.built) return `not built, it failed before (${logFile}): ${fallback}`;

  const started = process.hrtime.bigint();
  const problem = await runNodeGyp();
  const built = problem === undefined && existsSync(addon);
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, `${JSON.stringify({ key, built })}\n`);
  if (!built) return `not built, ${problem ?? 'no addon came out'} (${logFile}): ${fallback}`;
  return `built in ${(Number(process.hrtime.bigint() - started) / 1e9).toFixed(1)} s`;
}

/** What node-gyp needs; each is asked to run, because a name on the PATH may be a shim with nothing behind it. */
function findTools() {
  const runs = (command, args = ['--version']) =>
    spawnSync(command, args, { stdio: 'ignore', timeout: 20_000 }).status === 0;
  const compiler = [process.env.CXX, 'g++', 'c++', 'clang++'].find((name) => name && runs(name));
  const python = [process.env.PYTHON, 'python3', 'python'].find(
    (name) => name && runs(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']),
  );
  const make = runs('make') || runs('gmake');
  const missing = [];
  if (!compiler) missing.push('C++ compiler');
  if (!make) missing.push('make');
  if (!python) missing.push('Python 3');
  return { compiler, python, missing };
}

/** Hash of everything that the addon is made of. Node-API is stable, so the version of Node.js is not part of it. */
function sourcesKey({ compiler = '' }) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${compiler}\n`);
  const sources = ['core', 'addon', 'include', 'units'].flatMap((folder) =>
    readdirSync(join(here, folder))
      .sort()
      .map((name) => join(folder, name)),
  );
  for (const file of [...sources, 'binding.gyp', 'build.mjs', 'node-headers.mjs'])
    hash.update(`${file}\n`).update(readFileSync(join(here, file)));
  return hash.digest('hex');
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return {};
  }
}

/** Runs node-gyp within a bound, its noise kept in the log; gives what went wrong. */
function runNodeGyp() {
  let nodeGyp;
  try {
    nodeGyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
  } catch {
    return Promise.resolve('node-gyp is not installed; run "npm ci" first');
  }
  const prefix = headersPrefix();
  const args = [nodeGyp, 'rebuild', '--jobs=max', ...(prefix ? [`--nodedir=${prefix}`] : [])];
  const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}` };
  delete env.npm_config_nodedir; // inherited from a user's npm settings; it may be another version's
  delete env.npm_package_config_node_gyp_nodedir;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: here, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    const stop = (signal) => {
      try {
        process.kill(-child.pid, signal); // the compilers too
      } catch {
        // already gone
      }
    };
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      stop('SIGKILL');
    }, timeoutMs);
    const interrupted = (signal) => {
      stop('SIGKILL');
      process.kill(process.pid, signal);
    };
    process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
    const finish = (problem) => {
      clearTimeout(timer);
      process.removeListener('SIGINT', interrupted).removeListener('SIGTERM', interrupted);
      mkdirSync(dirname(logFile), { recursive: true });
      writeFileSync(logFile, Buffer.concat(output));
      resolve(problem);
    };
    child.once('error', (error) => finish(`node-gyp did not start: ${error.message}`));
    child.once('close', (code) => {
      if (late) finish(`the build took more than ${timeoutMs / 1000} s`);
      else finish(code === 0 ? undefined : 'the build failed');
    });
  });
}
