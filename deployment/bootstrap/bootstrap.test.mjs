import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { staleOutputs } from './build.mjs';
import { judgeHost } from './checks.mjs';
import { explainFailure, installKey, isInstalled, matchesLock } from './install.mjs';
import { lockFileOf, takeLock } from './lock.mjs';
import { findTests } from './tests.mjs';

let root;
before(() => {
  root = mkdtempSync(join(os.tmpdir(), 'edgeslot-bootstrap-'));
});
after(() => rmSync(root, { recursive: true, force: true }));

const GIB = 1024 ** 3;
const good = {
  nodeVersion: '24.1.0',
  freeDisk: 9 * GIB,
  totalMemory: 8 * GIB,
  availableMemory: 4 * GIB,
  installed: false,
};

describe('host checks', () => {
  it('takes a good host without a word', () => assert.deepEqual(judgeHost(good), { problems: [], warnings: [] }));
  it('names what is missing and what to do', () => {
    assert.match(judgeHost({ ...good, nodeVersion: '20.16.0' }).problems[0], /20\.16\.0 is too old: install 20\.17/);
    assert.match(judgeHost({ ...good, freeDisk: GIB }).problems[0], /only 1\.0 GB of disk are free here, 2\.0 GB/);
    assert.match(judgeHost({ ...good, totalMemory: GIB, availableMemory: GIB }).problems[0], /1\.0 GB of memory/);
    assert.match(judgeHost({ ...good, availableMemory: GIB }).warnings[0], /only 1\.0 GB of memory are available/);
  });
  it('wants less disk once everything is installed', () => {
    assert.deepEqual(judgeHost({ ...good, freeDisk: GIB, installed: true }).problems, []);
  });
});

describe('install', () => {
  it('is needed until the stamp is of this lock file', () => {
    writeFileSync(join(root, 'package-lock.json'), '{"packages":{"node_modules/a":{"version":"1.0.0"}}}');
    assert.equal(isInstalled(root), false);
    mkdirSync(join(root, 'node_modules'));
    writeFileSync(join(root, 'node_modules', '.edgeslot-installed.json'), JSON.stringify({ key: installKey(root) }));
    assert.equal(isInstalled(root), true);
    writeFileSync(join(root, 'package-lock.json'), '{"packages":{}}');
    assert.equal(isInstalled(root), false);
  });
  it('takes an installation made by hand when it is what the lock file says', () => {
    const lock = {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0', optional: true },
    };
    assert.equal(matchesLock(lock, { 'node_modules/a': { version: '1.0.0' } }), true);
    assert.equal(matchesLock(lock, { 'node_modules/a': { version: '1.0.1' } }), false);
    assert.equal(matchesLock(lock, {}), false);
  });
  it('explains why npm failed', () => {
    assert.match(
      explainFailure('npm error code ENOTFOUND\nnpm error network request failed'),
      /registry cannot be reached/,
    );
    assert.match(explainFailure('npm error code ENOSPC'), /disk is full/);
    assert.match(explainFailure('npm error code SELF_SIGNED_CERT_IN_CHAIN'), /certificate is not trusted/);
    assert.match(explainFailure('npm error code EWHAT\nnpm error something odd'), /npm ci failed: something odd/);
  });
});

describe('build', () => {
  it('finds compiled files without a source, and only those', () => {
    const workspace = join(root, 'w');
    mkdirSync(join(workspace, 'src', 'deep'), { recursive: true });
    mkdirSync(join(workspace, 'dist', 'deep'), { recursive: true });
    writeFileSync(join(workspace, 'src', 'deep', 'kept.test.ts'), '');
    for (const name of ['kept.test.js', 'kept.test.d.ts.map', 'gone.test.js', 'gone.test.d.ts', 'data.json']) {
      writeFileSync(join(workspace, 'dist', 'deep', name), '');
    }
    const names = staleOutputs(workspace)
      .map((file) => file.slice(workspace.length + 1))
      .sort();
    assert.deepEqual(names, [join('dist', 'deep', 'gone.test.d.ts'), join('dist', 'deep', 'gone.test.js')]);
  });
});

describe('tests', () => {
  it('are unit, end-to-end or full by where they are', () => {
    writeFileSync(join(root, 'package.json'), '{"workspaces":["one","test"]}');
    for (const file of ['one/dist/a.test.js', 'one/dist/a.js', 'test/dist/b.test.js', 'test/dist/full/c.test.js']) {
      mkdirSync(join(root, file, '..'), { recursive: true });
      writeFileSync(join(root, file), '');
    }
    assert.deepEqual(findTests(root), {
      unit: [join(root, 'one/dist/a.test.js')],
      endToEnd: [join(root, 'test/dist/b.test.js')],
      full: [join(root, 'test/dist/full/c.test.js')],
    });
  });
});

describe('lock', () => {
  it('is held by one, and released', async () => {
    const said = [];
    const release = await takeLock(root, (text) => said.push(text));
    const second = takeLock(root, (text) => said.push(text), { pollMs: 10 });
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.match(said[0], new RegExp(`pid ${process.pid}\\)`));
    release();
    (await second)();
    assert.equal(existsSync(lockFileOf(root)), false);
  });
  it('of a dead process is taken over', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(lockFileOf(root), `${pid}\n`);
    const release = await takeLock(root, () => {});
    assert.equal(Number(readFileSync(lockFileOf(root), 'utf8')), process.pid);
    release();
  });
  it('says what to do when it cannot be had', async () => {
    writeFileSync(lockFileOf(root), `${process.ppid}\n`);
    await assert.rejects(
      takeLock(root, () => {}, { waitMs: 20, pollMs: 5 }),
      /delete .*edgeslot-prepare/,
    );
    rmSync(lockFileOf(root));
  });
});
