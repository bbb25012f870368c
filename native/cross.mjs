// Builds the addon for linux-arm64 on another processor: `npm run build:arm64 -w @edgeslot/native [-- --out FOLDER]`.
// It goes to prebuilds/linux-arm64/, where the module looks for it on that platform. The compilers are those of
// CROSS_PREFIX (aarch64-linux-gnu-); on Debian: apt-get install g++-aarch64-linux-gnu.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { headersPrefix } from './node-headers.mjs';

const SOURCES = ['addon', 'core', 'include', 'units', 'binding.gyp'];
const TIMEOUT_MS = 900_000;
const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({ options: { out: { type: 'string', default: join(here, 'prebuilds') } } });
const prefix = process.env.CROSS_PREFIX ?? 'aarch64-linux-gnu-';
const compiler = `${prefix}g++`;

if (spawnSync(compiler, ['--version'], { stdio: 'ignore' }).status !== 0)
  end(`${compiler} was not found; on Debian: apt-get install g++-aarch64-linux-gnu`);

// Within this folder, so that packages are found, and apart from the addon for this machine.
mkdirSync(join(here, 'build'), { recursive: true });
const work = mkdtempSync(join(here, 'build', 'arm64-'));
try {
  for (const name of SOURCES) cpSync(join(here, name), join(work, name), { recursive: true });
  build();
  const target = join(resolve(values.out), 'linux-arm64', 'edgeslot.node');
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(work, 'build/Release/edgeslot.node'), target);
  console.log(`native addon: built for linux-arm64 in ${target}`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

function build() {
  const nodeGyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
  const headers = headersPrefix();
  const args = [nodeGyp, 'rebuild', '--arch=arm64', `--jobs=${availableParallelism()}`];
  if (headers) args.push(`--nodedir=${headers}`);
  const env = { ...process.env, CC: `${prefix}gcc`, CXX: compiler, AR: `${prefix}ar`, LINK: compiler };
  delete env.npm_config_nodedir; // inherited from a user's npm settings; it may be another version's
  delete env.npm_package_config_node_gyp_nodedir;
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, {
    cwd: work,
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    timeout: TIMEOUT_MS,
  });
  if (status === 0) return;
  console.error(`${stdout}${stderr}`);
  rmSync(work, { recursive: true, force: true });
  end(`the build for linux-arm64 failed${error ? `: ${error.message}` : ''}`);
}

function end(text) {
  console.error(`native addon: ${text}`);
  process.exit(1);
}
