// Copies what one module needs at run time, and nothing else, into a folder of the same shape:
//   node deployment/image/collect-runtime.mjs --module modules/scoring --platform linux-x64 --out DIR
// Walks the dependencies from the module's package.json, so what only builds or tests need never gets in. Uses only
// Node's own modules.
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Dependencies that a package declares, but only its install script uses. */
const INSTALL_ONLY = {
  '@julusian/jpeg-turbo': ['cmake-js', 'node-addon-api'],
  'onnxruntime-node': ['adm-zip', 'global-agent'],
};

/** Which files of a package run; all of them where none is named. Paths are relative to the package. */
const RUNS = {
  '@julusian/jpeg-turbo': (platform) => [
    'package.json',
    'LICENSE',
    'index.js',
    'binding-options.js',
    `prebuilds/jpeg-turbo-${platform}`,
  ],
  'onnxruntime-node': (platform) => ['package.json', 'README.md', 'dist', `bin/napi-v6/${platform.replace('-', '/')}`],
  '@edgeslot/native': () => ['package.json', 'dist', 'build/Release/edgeslot.node'],
};
const WORKSPACE = ['package.json', 'module.json', 'config.schema.json', 'openapi.json', 'bin', 'dist', 'proto'];
const NOT_RUN = /\.(map|d\.[cm]?ts|tsbuildinfo|test\.js|fixture\.js)$|(^|\/)testing(\/|$)/;

const { module: start, platform, out } = readArguments();
rmSync(out, { recursive: true, force: true });
const copied = new Set();
collect(resolve(root, start));
console.log(`${copied.size} packages of ${start} for ${platform} in ${out}`);

function collect(directory) {
  if (copied.has(directory)) return;
  copied.add(directory);
  const { name, dependencies = {}, optionalDependencies = {} } = readPackage(directory);
  copyPackage(directory, name);
  for (const dependency of Object.keys({ ...dependencies, ...optionalDependencies })) {
    if (INSTALL_ONLY[name]?.includes(dependency)) continue;
    const found = find(dependency, directory);
    if (found === undefined) {
      // An optional dependency is there only on its own platform.
      if (dependency in optionalDependencies) continue;
      throw new Error(`${name} needs ${dependency}, which is not installed; expected "npm ci" before`);
    }
    const real = realpathSync(found);
    if (real !== found) link(found, real);
    collect(real);
  }
}

function copyPackage(directory, name) {
  const isWorkspace = !relative(root, directory).split(sep).includes('node_modules');
  const entries = RUNS[name]?.(platform) ?? (isWorkspace ? WORKSPACE : ['.']);
  for (const entry of entries) {
    const source = join(directory, entry);
    if (!existsSync(source)) {
      if (RUNS[name] && entry !== 'README.md')
        throw new Error(`${name}: ${entry} is missing; expected it for ${platform}`);
      continue;
    }
    cpSync(source, join(out, relative(root, source)), {
      recursive: true,
      filter: (path) =>
        basename(path) !== 'node_modules' && !NOT_RUN.test(relative(directory, path).replaceAll(sep, '/')),
    });
  }
}

function link(path, target) {
  const place = join(out, relative(root, path));
  mkdirSync(dirname(place), { recursive: true });
  if (!existsSync(place)) symlinkSync(relative(dirname(path), target), place);
}

/** Node's own way: `node_modules` of this folder, then of each one above. */
function find(name, from) {
  for (let folder = from; folder.startsWith(root); folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
  }
  return undefined;
}

function readPackage(directory) {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
}

function readArguments() {
  const text = { type: 'string' };
  const { values } = parseArgs({ options: { module: text, platform: text, out: text } });
  for (const name of ['module', 'platform', 'out']) {
    if (!values[name])
      throw new Error(`--${name} is missing; expected --module DIR --platform linux-x64|linux-arm64 --out DIR`);
  }
  return { ...values, out: resolve(values.out) };
}
