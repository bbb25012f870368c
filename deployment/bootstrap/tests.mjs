// Finds the tests by where they are, and runs them with Node's own runner.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { workspaces } from './build.mjs';

/** @returns {{ unit: string[], endToEnd: string[], full: string[] }} absolute paths, sorted */
export function findTests(root) {
  const endToEndRoot = join(root, 'test');
  const unit = workspaces(root)
    .filter((folder) => folder !== endToEndRoot)
    .flatMap((folder) => testsUnder(join(folder, 'dist'), '.test.js'));
  unit.push(...testsUnder(join(root, 'deployment', 'bootstrap'), '.test.mjs'));
  const fullFolder = join(endToEndRoot, 'dist', 'full') + sep;
  const endToEnd = testsUnder(join(endToEndRoot, 'dist'), '.test.js');
  return {
    unit: unit.sort(),
    endToEnd: endToEnd.filter((file) => !file.startsWith(fullFolder)),
    full: endToEnd.filter((file) => file.startsWith(fullFolder)),
  };
}

function testsUnder(folder, ending) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => !file.includes(`${sep}node_modules${sep}`))
    .sort();
}

/** The models that the end-to-end tests share. @returns {Promise<number>} an exit code */
export function makeDemoModels(root) {
  return runNode(root, [join(root, 'deployment', 'bootstrap', 'demo-models.mjs')]);
}

/** @returns {Promise<number>} the runner's exit code */
export function runTests(root, files, { concurrency, timeoutMs }) {
  if (files.length === 0) return Promise.resolve(0);
  const args = ['--enable-source-maps', '--test', '--test-reporter=spec', `--test-concurrency=${concurrency}`];
  return runNode(root, [...args, `--test-timeout=${timeoutMs}`, ...files]);
}

function runNode(root, args) {
  return new Promise((resolve, reject) => {
    // Its own process group: Ctrl-C reaches the runner and all that it started exactly once, through us.
    const stdio = ['ignore', 'inherit', 'inherit'];
    // Tests that run graphs themselves send no usage events either.
    const env = { ORT_DISABLE_TELEMETRY: '1', ...process.env };
    const child = spawn(process.execPath, args, { cwd: root, env, stdio, detached: true });
    let interrupted;
    const stop = (signal) => {
      try {
        process.kill(-child.pid, interrupted ? 'SIGKILL' : signal);
      } catch {
        // It has ended already.
      }
      interrupted = signal;
    };
    const done = () => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeListener(signal, stop);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
    child.on('error', (error) => {
      done();
      reject(error);
    });
    child.on('close', (code) => {
      done();
      resolve(interrupted ? 130 : (code ?? 1));
    });
  });
}
