// Installs the dependencies from the lock file, only when what is installed differs from it.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const LOG = 'npm-install.log';
const STAMP = join('node_modules', '.edgeslot-installed.json');

/** What an installation depends on: the lock file and the platform whose binaries it fetched. */
export function installKey(root) {
  const lock = readFileSync(join(root, 'package-lock.json'));
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}`;
}

export function isInstalled(root) {
  const stamp = readJson(join(root, STAMP));
  if (stamp !== undefined) return stamp.key === installKey(root);
  // Installed by hand: npm's own record of node_modules tells whether it is what the lock file says.
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'));
  const locked = readJson(join(root, 'package-lock.json'));
  return installed !== undefined && locked !== undefined && matchesLock(locked.packages, installed.packages);
}

/** Whether every package that the lock file demands on any platform is installed in that version. */
export function matchesLock(locked, installed) {
  return Object.entries(locked).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return true;
    if (entry.link || entry.optional || entry.devOptional || entry.peer) return true;
    return installed[path]?.version === entry.version;
  });
}

/** @param {(step: string, detail?: string) => void} progress tells the step, and on a terminal its details */
export async function install(root, progress) {
  const log = join(root, LOG);
  const total = Object.keys(readJson(join(root, 'package-lock.json'))?.packages ?? {}).length;
  const step = 'installing packages from the lock file (about a minute the first time)';
  progress(step);
  rmSync(join(root, STAMP), { force: true });
  const code = await runNpmCi(root, log, (fetched) => progress(step, `: ${fetched} of about ${total}`));
  if (code !== 0) throw new Error(`${explainFailure(await tail(log))}. npm's full log: ${log}`);
  writeFileSync(join(root, STAMP), `${JSON.stringify({ key: installKey(root) })}\n`);
  rmSync(log, { force: true });
}

function runNpmCi(root, log, onFetched) {
  // npm sets npm_execpath for the scripts it runs: the same npm goes on. Elsewhere it is found on the PATH.
  const npm = process.env.npm_execpath;
  const viaNode = npm !== undefined && /npm-cli\.c?js$/.test(npm) && existsSync(npm);
  const args = ['ci', '--include=dev', '--include=optional', '--ignore-scripts', '--no-audit', '--no-fund'];
  args.push('--no-progress', '--loglevel=http', '--prefer-offline', '--fetch-retries=3');
  args.push('--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=8000');
  return new Promise((resolve, reject) => {
    const out = createWriteStream(log);
    const child = spawn(viaNode ? process.execPath : 'npm', viaNode ? [npm, ...args] : args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stop = (signal) => child.kill(signal);
    process.on('SIGINT', stop).on('SIGTERM', stop);
    let fetched = 0;
    child.stdout.pipe(out, { end: false });
    createInterface({ input: child.stderr }).on('line', (line) => {
      out.write(`${line}\n`);
      if (/\b(fetch GET|cache) .*\.tgz/.test(line)) onFetched(++fetched);
    });
    const done = () => process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
    child.on('error', (error) => {
      done();
      out.end(() =>
        reject(
          error.code === 'ENOENT'
            ? new Error('npm was not found: install it with Node.js, then run this again')
            : error,
        ),
      );
    });
    child.on('close', (code, signal) => {
      done();
      out.end(() => (signal ? reject(new Error(`npm was ended by ${signal}`)) : resolve(code)));
    });
  });
}

/** The one line that says why `npm ci` failed and what to do. */
export function explainFailure(log) {
  if (/ENOSPC/.test(log)) return 'the disk is full: free 2 GB and run this again';
  if (
    /\b(ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|EIDLETIMEOUT|ERR_SOCKET_TIMEOUT|ENOTCACHED)\b/.test(
      log,
    )
  ) {
    return 'the npm registry cannot be reached: the first install needs the network (behind a proxy: npm config set https-proxy URL), then run this again';
  }
  if (/\b(UNABLE_TO_[A-Z_]+|SELF_SIGNED_CERT[A-Z_]*|CERT_[A-Z_]+|DEPTH_ZERO_SELF_SIGNED_CERT)\b/.test(log)) {
    return "the npm registry's certificate is not trusted: set NODE_EXTRA_CA_CERTS to your proxy's CA file and run this again";
  }
  if (/\b(EACCES|EPERM)\b/.test(log))
    return 'files here cannot be written by this user: fix the owner of this folder and run this again';
  if (/\bE(401|403)\b/.test(log))
    return 'the npm registry refused a package: check `npm config get registry`, then run this again';
  if (/EUSAGE|can only install packages when your package\.json and package-lock\.json/.test(log)) {
    return 'package.json and package-lock.json differ: run `npm install` once and commit the lock file';
  }
  const line = log.split('\n').find((text) => /^npm (error|ERR!) (?!code)/.test(text));
  return `npm ci failed${line ? `: ${line.replace(/^npm (error|ERR!) /, '')}` : ''}`;
}

async function tail(file, limit = 200_000) {
  let text = '';
  for await (const chunk of createReadStream(file, 'utf8')) text = (text + chunk).slice(-limit);
  return text;
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
