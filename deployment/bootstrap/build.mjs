// Compiles the workspaces, after removing what no source stands behind any more.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';

const OUTPUT = /(\.d\.ts\.map|\.d\.ts|\.js\.map|\.js)$/;

export function workspaces(root) {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).workspaces.map((folder) => join(root, folder));
}

/** Compiled files whose source was deleted or renamed; tests among them would still be run. */
export function staleOutputs(workspace) {
  const dist = join(workspace, 'dist');
  if (!existsSync(dist)) return [];
  return readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && OUTPUT.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => {
      const source = join(workspace, 'src', relative(dist, file)).replace(OUTPUT, '');
      return !['.ts', '.tsx', '.js'].some((ending) => existsSync(source + ending));
    });
}

/** @returns {Promise<number>} the compiler's exit code */
export async function build(root) {
  for (const workspace of workspaces(root)) {
    for (const file of staleOutputs(workspace)) rmSync(file, { force: true });
    // Without its output folder the compiler's record would claim that everything is built.
    if (!existsSync(join(workspace, 'dist'))) rmSync(join(workspace, 'tsconfig.tsbuildinfo'), { force: true });
  }
  return run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b'], root);
}

/**
 * The native addon is optional: its builder says in one line what it did or what is missing, and never fails.
 * @returns {Promise<string[]>} that line, unless there was nothing to do
 */
export async function buildNative(root) {
  let output = '';
  await run(process.execPath, [join(root, 'native', 'build.mjs')], root, (chunk) => {
    output += chunk;
  });
  return output.split('\n').filter((line) => line !== '' && !line.includes('up to date'));
}

export function isBuilt(root) {
  return workspaces(root).every((workspace) => existsSync(join(workspace, 'dist')));
}

export function isNativeBuilt(root) {
  return existsSync(join(root, 'native', 'build'));
}

function run(command, args, cwd, onOutput) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', onOutput ? 'pipe' : 'inherit', 'inherit'] });
    child.stdout?.setEncoding('utf8').on('data', onOutput);
    const stop = (signal) => child.kill(signal);
    process.on('SIGINT', stop).on('SIGTERM', stop);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
      if (signal) reject(new Error(`stopped by ${signal}`));
      else resolve(code ?? 1);
    });
  });
}
