import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { FIXTURE_IMAGES } from '../testing/test-runtime.js';
import { resolveBindSource } from './bind-sources.js';
import { rewritePaths } from './environment.js';
import { writeHostsFile } from './hosts-file.js';
import { imageCatalog, repositoryOf } from './image-catalog.js';
import { LineSplitter } from './line-splitter.js';
import { LogFile } from './log-file.js';
import { planMounts } from './mount-plan.js';

let dir = '';
before(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'edgeslot-process-'));
});
after(() => rm(dir, { recursive: true }));

describe('the image catalog', () => {
  const catalog = imageCatalog({
    roots: [FIXTURE_IMAGES],
    map: { 'own/tool': 'node --version', 'script:2': ['a.js', 'x y'] },
  });

  it('finds a repository by its module.json, with any tag and from any registry', async () => {
    for (const image of [
      'fixtures/probe',
      'fixtures/probe:1.0.0-a',
      'acr.azurecr.io/fixtures/probe:1',
      'localhost:5000/fixtures/probe',
    ]) {
      const program = await catalog.resolve(image);
      assert.deepEqual(program.command, [process.execPath, path.join(FIXTURE_IMAGES, 'modules/probe/main.js')]);
      assert.equal(program.env.FROM_IMAGE, 'yes');
    }
  });

  it('takes a map first', async () => {
    assert.deepEqual((await catalog.resolve('own/tool:9')).command, [process.execPath, '--version']);
    assert.deepEqual((await catalog.resolve('script:2')).command, [process.execPath, path.resolve('a.js'), 'x y']);
    await assert.rejects(
      catalog.resolve('team/probe:1'),
      /team\/probe:1 is not known here; known repositories: fixtures\/probe, fixtures\/talker, own\/tool, script:2/,
    );
  });

  it('keeps a port apart from a tag', () => {
    assert.equal(repositoryOf('localhost:5000/Filter:1.0@sha256:ab'), 'localhost:5000/filter');
  });
});

describe('the line splitter', () => {
  it('gives the same lines however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }).map((line) => line.replace(/[\r\n]/g, ''))),
        fc.array(fc.nat(50)),
        (lines, cuts) => {
          const seen: string[] = [];
          const splitter = new LineSplitter((line) => seen.push(line));
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          let at = 0;
          for (const cut of cuts) {
            splitter.push(bytes.subarray(at, at + cut));
            at += cut;
          }
          splitter.push(bytes.subarray(at));
          splitter.end();
          assert.deepEqual(seen, lines);
        },
      ),
    );
  });

  it('never holds more than its limit', () => {
    const lengths: number[] = [];
    const splitter = new LineSplitter((line) => lengths.push(line.length));
    splitter.push(Buffer.alloc(100_000, 'x'));
    splitter.end();
    assert.equal(
      lengths.reduce((sum, length) => sum + length, 0),
      100_000,
    );
    assert.ok(Math.max(...lengths) <= 16 * 1024);
  });
});

describe('a module log file', () => {
  it('is rotated by size and keeps so many files', async () => {
    const file = path.join(dir, 'logs', 'm.log');
    const log = new LogFile(file, { maxBytes: 1000, maxFiles: 3 });
    for (let index = 0; index < 100; index++) {
      log.append(`${index} ${'x'.repeat(90)}`);
      if (index % 5 === 4) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await log.close();
    const files = (await readdir(path.dirname(file))).sort();
    assert.deepEqual(files, ['m.log', 'm.log.1', 'm.log.2']);
    assert.match(await readFile(file, 'utf8'), /^99 x+$/m);
  });
});

describe('bind sources', () => {
  const warnings: string[] = [];
  const resolveSource = (source: string, hostPaths = {}) =>
    resolveBindSource(
      { source, target: '/x', readOnly: false },
      { hostPaths, stateDir: dir, warn: (text) => warnings.push(text) },
    );

  it('are mapped, or as they stand, or made', async () => {
    const mapped = {
      '/var/lib/edgeslot': path.join(dir, 'wrong'),
      '/var/lib/edgeslot/models/': path.join(dir, 'models'),
    };
    assert.equal(await resolveSource('/var/lib/edgeslot/models/sub', mapped), path.join(dir, 'models/sub'));
    assert.equal(await resolveSource('/var/lib/edgeslot/models', mapped), path.join(dir, 'models'));
    assert.equal(await resolveSource('/etc'), '/etc');
    assert.equal(await resolveSource('volume-1'), path.join(dir, 'volumes/volume-1'));
    assert.equal(await resolveSource('/no/such/place'), path.join(dir, 'host/no/such/place'));
    assert.equal(warnings.length, 1);
    assert.equal(await resolveSource('/../../no/../such/place'), path.join(dir, 'host/such/place'));
    await assert.rejects(resolveSource('../up'), /neither an absolute path nor a volume name/);
  });
});

describe('emulated binds', () => {
  it('rewrite whole paths only', () => {
    const binds = [
      { source: '/host/m', target: '/models' },
      { source: '/host/deep', target: '/models/deep' },
    ];
    const env = { A: '/models', B: '/models/x', C: '/models-2', D: 'x/models', E: '/models/deep/y' };
    assert.deepEqual(rewritePaths(env, binds), {
      A: '/host/m',
      B: '/host/m/x',
      C: '/models-2',
      D: 'x/models',
      E: '/host/deep/y',
    });
  });
});

describe('the hosts file', () => {
  it("puts own names first and drops the machine's lines for them", async () => {
    const base = path.join(dir, 'base');
    await writeFile(base, '127.0.0.1 localhost\n10.0.0.9 scoring old # was\n10.139.218.1 wireserver\n');
    const file = path.join(dir, 'hosts');
    await writeHostsFile(file, new Map([['scoring', '127.70.1.2']]), base);
    assert.equal(await readFile(file, 'utf8'), '127.70.1.2\tscoring\n127.0.0.1 localhost\n10.139.218.1 wireserver\n');
  });
});

describe('the mount plan', () => {
  it('covers the nearest existing parent of a missing target, with its entries', async () => {
    const parent = path.join(dir, 'parent');
    await mkdir(path.join(parent, 'child'), { recursive: true });
    await writeFile(path.join(parent, 'file'), '');
    await symlink('file', path.join(parent, 'link'));
    const words = await planMounts([{ source: '/etc', target: `${parent}/new/deep`, readOnly: true }], '/scratch');
    const [stage, target] = ['/scratch/stage-0', `${parent}/new/deep`];
    assert.deepEqual(words, [
      ...['mkdir', stage, 'bind', parent, stage, 'tmpfs', parent],
      ...['mkdir', `${parent}/child`, 'bind', `${stage}/child`, `${parent}/child`],
      ...['touch', `${parent}/file`, 'bind', `${stage}/file`, `${parent}/file`],
      ...['link', 'file', `${parent}/link`],
      ...['mkdir', target, 'bind', '/etc', target, 'ro', target],
    ]);
  });

  it('mounts straight onto what exists, and makes a new root for a new top directory', async () => {
    assert.deepEqual(await planMounts([{ source: '/etc', target: dir, readOnly: false }], '/scratch'), [
      'mkdir',
      dir,
      'bind',
      '/etc',
      dir,
    ]);
    const words = await planMounts([{ source: '/etc', target: '/edgeslot-none', readOnly: false }], '/scratch');
    assert.deepEqual(words.slice(0, 4), ['mkdir', '/scratch/root', 'tmpfs', '/scratch/root']);
    assert.deepEqual(words.slice(-5), [
      'mkdir',
      '/scratch/root/edgeslot-none',
      'bind',
      '/etc',
      '/scratch/root/edgeslot-none',
    ]);
    assert.ok(words.includes('chroot'));
  });
});
