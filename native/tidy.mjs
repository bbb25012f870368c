// clang-tidy over all of the native code: `npm run tidy -w @edgeslot/native [-- PART]`, a part of a path picks files.
// Ends with 1 when there is a finding, with 2 when the tool is missing; the rules are in .clang-tidy.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const TOOLS = ['clang-tidy', ...[21, 20, 19, 18, 17, 16, 15, 14].map((version) => `clang-tidy-${version}`)];
const FOLDERS = ['core', 'addon', 'plugin', 'card/daemon', 'card/client'];
const TIMEOUT_MS = 300_000;
const here = dirname(fileURLToPath(import.meta.url));

const tool = TOOLS.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
if (!tool) end('clang-tidy was not found; on Debian: apt-get install clang-tidy', 2);
const headers = [join(dirname(process.execPath), '..'), '/usr', '/usr/local']
  .map((prefix) => join(prefix, 'include/node'))
  .find((folder) => existsSync(join(folder, 'node_api.h')));
if (!headers) end('the headers of Node.js were not found below /usr, /usr/local or its own folder', 2);

const part = process.argv[2] ?? '';
const files = FOLDERS.flatMap((folder) => readdirSync(join(here, folder)).map((name) => join(folder, name)))
  .filter((file) => /\.(c|cc)$/.test(file) && file.includes(part))
  .sort();
if (files.length === 0) end(`no source's path has "${part}" in it`, 2);

const waiting = [...files];
let bad = 0;
await Promise.all(Array.from({ length: availableParallelism() }, work));
if (bad > 0) end(`${bad} of ${files.length} files have findings`, 1);
console.log(`${tool}: nothing found in ${files.length} files`);

async function work() {
  for (let file = waiting.shift(); file; file = waiting.shift()) {
    const { code, output } = await check(file);
    if (code === 0) continue;
    bad++;
    console.error(`${file}\n${output.trim()}\n`);
  }
}

function check(file) {
  const child = spawn(tool, ['--quiet', file, '--', ...flagsOf(file)], { cwd: here, timeout: TIMEOUT_MS });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  child.stderr.on('data', (text) => {
    if (!/^\d+ warnings? (generated|treated)/m.test(text)) output += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, output: signal ? `stopped by ${signal}` : output }));
  });
}

/** As the builds have them: binding.gyp, and the Makefiles of the card and of the tests. */
function flagsOf(file) {
  const include = ['core', 'include', 'card/daemon', 'card/client'].map((folder) => `-I${join(here, folder)}`);
  if (file.endsWith('.c')) return ['-std=c11', '-D_GNU_SOURCE', ...include];
  const napi = createRequire(import.meta.url)('node-addon-api').include_dir;
  const defines = ['-DNAPI_VERSION=9', '-DNODE_ADDON_API_CPP_EXCEPTIONS', '-DNODE_ADDON_API_DISABLE_DEPRECATED'];
  return ['-std=c++20', ...defines, ...include, '-isystem', headers, '-isystem', resolve(napi)];
}

function end(text, code) {
  console.error(`tidy: ${text}`);
  process.exit(code);
}
