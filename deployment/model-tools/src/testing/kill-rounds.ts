import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openPackage } from '@edgeslot/scoring/model';
import { registerModel } from '../import/register-model.js';
import { listModels } from '../registry/list.js';
import { registerTiny } from './tiny-package.js';

const CHURN = fileURLToPath(new URL('./churn.js', import.meta.url));
const LONGEST_LIFE_MS = 120;

/**
 * Has two processes register and delete in one registry, kills both with SIGKILL at points that differ from round to
 * round, and checks after each kill that nothing half-made is listed and that every model opens.
 */
export async function killRounds(base: string, rounds: number): Promise<{ readonly survived: number }> {
  const modelsDir = join(base, 'models');
  const seed = await registerTiny(join(base, 'seed'), 'seed');
  const packageDir = join(base, 'seed', ...seed.split(':'));
  await mkdir(modelsDir);
  let survived = 0;
  for (let round = 0; round < rounds; round++) {
    const children = ['one', 'two'].map((name) => startChurn(modelsDir, packageDir, name));
    try {
      await Promise.all(children.map(({ ready }) => ready));
      for (const { child } of children) {
        // The golden ratio spreads the points evenly, however many rounds there are.
        await sleep(((round * 0.618) % 1) * LONGEST_LIFE_MS);
        await kill(child);
        // While the second still writes, what is listed must be whole.
        assert.deepEqual(await faults(modelsDir), [], `round ${round}`);
      }
    } finally {
      await Promise.all(children.map(({ child }) => kill(child)));
    }
    survived += await openAll(modelsDir);
  }
  await checkLast(modelsDir, packageDir);
  return { survived };
}

function startChurn(modelsDir: string, packageDir: string, name: string) {
  const child = spawn(process.execPath, [CHURN, modelsDir, packageDir, name], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = once(child, 'exit').then(() => assert.fail(`a writer ended by itself: ${said}`));
  ended.catch(() => undefined);
  return { child, ready: Promise.race([once(child.stdout, 'data'), ended]) };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function faults(modelsDir: string): Promise<string[]> {
  return (await listModels(modelsDir)).flatMap(({ id, fault }) => (fault === undefined ? [] : [`${id}: ${fault}`]));
}

async function openAll(modelsDir: string): Promise<number> {
  const models = await listModels(modelsDir);
  for (const { name, version, fault } of models) {
    assert.equal(fault, undefined);
    await openPackage(modelsDir, { name, version });
  }
  const index = await readFile(join(modelsDir, 'index.json'), 'utf8').catch(() => '{}');
  JSON.parse(index);
  return models.length;
}

/** One more registration heals what the kills left: the index is that of the directories, and nothing lies about. */
async function checkLast(modelsDir: string, packageDir: string): Promise<void> {
  await registerModel({ modelsDir, path: packageDir, name: 'last' });
  const index = JSON.parse(await readFile(join(modelsDir, 'index.json'), 'utf8')) as { models: { id: string }[] };
  const listed = (await listModels(modelsDir)).map(({ id }) => id);
  assert.deepEqual(
    index.models.map(({ id }) => id),
    listed,
  );
  assert.deepEqual(await readdir(join(modelsDir, '.staging')), []);
}
