import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory, writeTinyPackage } from './testing/tiny-package.js';

const bin = fileURLToPath(new URL('../bin/scoring.js', import.meta.url));

/** The module as a process of its own, without a hub. */
function run(env: Record<string, string>, argv: string[] = []) {
  const ports = { GRPC_PORT: '0', HTTP_PORT: '0', METRICS_PORT: '0', DEVICE: 'emulator' };
  const child = spawn(process.execPath, [bin, ...argv], {
    env: { PATH: process.env.PATH ?? '', ...ports, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const reader = createInterface(child.stdout);
  reader.on('line', (line) => lines.push(line));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const line = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const check = () => {
        const found = lines.find((one) => pattern.test(one));
        if (found) resolve(found);
      };
      reader.on('line', check);
      void ended.then((code) => reject(new Error(`ended with ${code}:\n${lines.join('\n')}`)));
      check();
    });
  return { child, lines, ended, line };
}

test('it says where it listens once the model is there, and SIGTERM ends it with 0', async (t) => {
  const base = await temporaryDirectory(t);
  await writeTinyPackage(base);
  const { child, line, ended } = run({ MODEL_BASE_PATH: base, MODEL_NAME: 'tiny:1' });
  const listening = await line(/^listening /);
  assert.match(
    listening,
    /^listening grpc=127\.0\.0\.1:\d+ http=127\.0\.0\.1:\d+ metrics=127\.0\.0\.1:\d+ model=tiny:1 device=emulator$/,
  );
  const [, http] = /http=(\S+)/.exec(listening)!;
  assert.equal((await fetch(`http://${http}/ready`)).status, 200);
  child.kill('SIGTERM');
  assert.equal(await ended, 0);
});

test('a model that cannot be loaded ends it with 1 and a line that says why', async (t) => {
  const base = await temporaryDirectory(t);
  await writeTinyPackage(base);
  const { ended, lines } = run({ MODEL_BASE_PATH: base }, ['--model', 'absent']);
  assert.equal(await ended, 1);
  assert.match(
    lines.join('\n'),
    /\[FTL\] - could not start: model 'absent' is not in the models directory .* it holds tiny:1/,
  );
});

test('a bad configuration ends it with 1 and one line for each finding', async () => {
  const { ended, lines } = run({ GRPC_PORT: 'x' }, ['--colour']);
  assert.equal(await ended, 1);
  assert.equal(lines.length, 2);
  assert.match(lines[0]!, /configuration: --colour: unknown argument/);
  assert.match(lines[1]!, /configuration: GRPC_PORT: "x"; expected a port number/);
});
