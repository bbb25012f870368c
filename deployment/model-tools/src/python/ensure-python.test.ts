import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { PROCESS_HOME } from '../registry/process-home.js';
import { type FakePython, type FakePythonOptions, fakePython } from '../testing/fake-python.js';
import { cacheFolder } from './cache-folder.js';
import { ensurePython } from './ensure-python.js';
import type { PythonNeeds } from './environment.js';

describe('a managed Python environment', () => {
  let base: string;
  let cache: string;
  let needs: PythonNeeds;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'edgeslot-python-'));
    cache = join(base, 'cache');
    const file = join(base, 'requirements.txt');
    await writeFile(file, 'numpy==1\n');
    needs = { name: 'test', versions: ['3.11', '3.12'], requirements: [{ file }], modules: ['numpy'] };
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  const fake = async (options?: FakePythonOptions): Promise<FakePython & { env: NodeJS.ProcessEnv }> => {
    const python = await fakePython(base, options);
    return { ...python, env: { PATH: python.bin, EDGESLOT_CACHE: cache } };
  };
  const installs = async ({ calls }: FakePython) => (await calls()).filter((call) => call.includes('pip install'));
  const nothingIsLeft = async () => {
    assert.deepEqual(
      (await readdir(cache)).filter((name) => name !== '.staging'),
      [],
    );
    assert.deepEqual(await readdir(join(cache, '.staging')).catch(() => []), []);
  };

  it('is made once from exactly what is listed, and again when the list changes', async () => {
    const python = await fake();
    const steps: string[] = [];
    const made = await ensurePython(needs, { env: python.env, onStep: (text) => steps.push(text) });
    assert.match(steps[0]!, /^making a Python environment, once, in /);
    assert.deepEqual(steps.slice(1), ['fetching numpy==1', 'installing the packages', 'trying the packages']);
    assert.deepEqual(await ensurePython(needs, { env: python.env }), made);
    const [install, ...others] = await installs(python);
    assert.deepEqual(others, []);
    assert.match(install!, /--no-deps --only-binary :all: -r .*requirements\.txt$/);

    await writeFile(needs.requirements[0]!.file, 'numpy==2\n');
    const other = await ensurePython(needs, { env: python.env });
    assert.notEqual(other.folder, made.folder);
    assert.equal((await installs(python)).length, 2);
  });

  it('is made by one of two that want it at once', async () => {
    const python = await fake();
    const [one, two] = await Promise.all([ensurePython(needs, python), ensurePython(needs, python)]);
    assert.deepEqual(one, two);
    assert.equal((await installs(python)).length, 1);
    assert.deepEqual(
      (await readdir(cache)).filter((name) => name.endsWith('.lock')),
      [],
    );
  });

  it('takes over from a process that died at it, and clears its leavings', async () => {
    const python = await fake();
    const { folder } = await ensurePython(needs, python);
    await rm(folder!, { recursive: true });
    await writeFile(`${folder}.lock`, '999999999\n');
    await mkdir(join(cache, '.staging', `999999999-${PROCESS_HOME}-11`), { recursive: true });
    await ensurePython(needs, python);
    assert.deepEqual(await readdir(join(cache, '.staging')), []);
    assert.equal((await installs(python)).length, 2);
  });

  it('does not wait for what it can neither read nor take away, nor for a folder that cannot be', async () => {
    const python = await fake();
    const { folder } = await ensurePython(needs, python);
    await rm(folder!, { recursive: true });
    await mkdir(`${folder}.lock`);
    await assert.rejects(ensurePython(needs, python), (error: Error) => {
      assert.equal(error.name, 'PythonError');
      assert.match(error.message, /\.lock is in the way \(EISDIR.*: remove it when no other process uses it$/);
      return true;
    });
    await writeFile(join(base, 'file'), '');
    const env = { ...python.env, EDGESLOT_CACHE: join(base, 'file') };
    await assert.rejects(ensurePython(needs, { env }), /file: .*; set EDGESLOT_CACHE to a folder that can be written$/);
  });

  it('is made anew when it works no more', async () => {
    const python = await fake();
    const { folder, python: made } = await ensurePython(needs, python);
    await writeFile(made, '#!/bin/sh\nexit 1\n');
    await ensurePython(needs, python);
    assert.equal((await installs(python)).length, 2);
    await rm(join(folder!, 'bin'), { recursive: true });
    await ensurePython(needs, python);
    assert.equal((await installs(python)).length, 3);
  });

  it('says what pip could not do and how to help it; nothing half-made stays', async () => {
    const python = await fake({ pip: 'fails' });
    await assert.rejects(ensurePython(needs, python), (error: Error) => {
      assert.equal(error.name, 'PythonError');
      assert.match(error.message, /ERROR: No matching distribution found for numpy==1/);
      assert.match(error.message, /HTTPS_PROXY.*PIP_INDEX_URL.*PIP_FIND_LINKS.*EDGESLOT_PYTHON/);
      return true;
    });
    await nothingIsLeft();
  });

  it('ends pip and all that it started when it is aborted', async () => {
    const python = await fake({ pip: 'hangs' });
    const abort = new AbortController();
    const onStep = (text: string) => {
      if (text.startsWith('fetching')) setTimeout(() => abort.abort(new Error('Ctrl-C')), 50);
    };
    await assert.rejects(ensurePython(needs, { env: python.env, signal: abort.signal, onStep }), /Ctrl-C/);
    const child = Number(await readFile(join(base, 'pip-child'), 'utf8'));
    assert.ok(child > 1 && (await isGone(child)), `process ${child} still runs`);
    await nothingIsLeft();
  });

  it('says what was found when there is no Python that does', async () => {
    const old = await fake({ version: '3.8' });
    await assert.rejects(ensurePython(needs, old), /Python 3\.11, 3\.12 .* found python3 is 3\.8: install it/);
    const none = { PATH: join(base, 'nowhere'), EDGESLOT_CACHE: cache };
    await assert.rejects(ensurePython(needs, { env: none }), /found no python3/);
    await nothingIsLeft();
  });

  it('uses an interpreter of the user as it is, if that has the packages', async () => {
    const python = await fake();
    const env = { ...python.env, EDGESLOT_PYTHON: python.python };
    assert.deepEqual(await ensurePython(needs, { env }), { python: python.python });
    assert.deepEqual(await installs(python), []);
    const lacking = await fake({ lacks: 'numpy' });
    await assert.rejects(
      ensurePython(needs, { env: { ...lacking.env, EDGESLOT_PYTHON: lacking.python } }),
      /cannot be used \(.*'numpy'\); give it the packages with `.*python3 -m pip install -r .*requirements\.txt`/,
    );
    const nowhere = { ...python.env, EDGESLOT_PYTHON: join(base, 'nowhere') };
    await assert.rejects(ensurePython(needs, { env: nowhere }), /EDGESLOT_PYTHON=.*it cannot be started/);
  });
});

/** Without a parent that waits for it, a dead process may be listed for a moment. */
async function isGone(pid: number): Promise<boolean> {
  for (let look = 0; look < 100; look++) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    if (/\) Z /.test(state)) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

it('the cache is where the user wants it', () => {
  assert.equal(cacheFolder({ EDGESLOT_CACHE: '/a', XDG_CACHE_HOME: '/b', HOME: '/c' }), '/a');
  assert.equal(cacheFolder({ XDG_CACHE_HOME: '/b', HOME: '/c' }), '/b/edgeslot');
  assert.equal(cacheFolder({ XDG_CACHE_HOME: 'relative', HOME: '/c' }), '/c/.cache/edgeslot');
});
