import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runDirOf } from '@edgeslot/edge-runtime/control-client';
import { run } from './run-cli.fixture.js';
import { claimStateDir } from './state-dir.js';

describe('edgeslot', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeslot-cli-'));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  it('lists its verbs', async () => {
    const { code, out } = await run('--help');
    assert.equal(code, 0);
    for (const verb of [
      'demo',
      'up',
      'down',
      'status',
      'swap',
      'deploy',
      'score',
      'serve',
      'logs',
      'twin',
      'method',
      'restart',
      'model',
    ]) {
      assert.match(out, new RegExp(`^  ${verb}\\b`, 'm'));
    }
    for (const line of out.split('\n')) assert.ok(line.length <= 80, line);
    for (const verb of ['demo', 'twin', 'serve'])
      assert.match((await run(verb, '--help')).out, /-h, --help +show this/);
  });

  it('refuses wrong usage with exit code 2', async () => {
    for (const argv of [
      ['nonsense'],
      ['demo', '--frames', 'many'],
      ['demo', '--rate', '-1'],
      ['score'],
      ['status', '--wat'],
      ['demo', '--host', 'here'],
      ['demo', '--host', '300.1.1.1'],
      ['up', 'm.json', '--host', '203.0.113.7'],
      ['demo', '--rate', '1000'],
      ['demo', '--timeout', '5'],
      ['demo', '--summary', dir],
      ['demo', '--summary', join(dir, 'none', 'out.json')],
      ['score', 'a.jpg', '--address', 'foo'],
      ['score', 'a.jpg', '--threshold', '1.1'],
      ['score', 'a.jpg', '--iou', 'half'],
      ['score', 'a.jpg', '--draw', 'drawn.gif'],
      ['score', 'a.jpg', '--draw', './a.jpg'],
      ['score', 'a.jpg', 'b.jpg', '--draw', 'drawn.png'],
      ['swap'],
      ['swap', 'm', '--wait', '291'],
    ]) {
      const { code, err } = await run(...argv);
      assert.equal(code, 2, `${argv.join(' ')}: ${err}`);
      assert.match(err, /^edgeslot: /);
    }
  });

  it('says how to start a runtime where none runs', async () => {
    for (const argv of [
      ['status'],
      ['twin', 'get', 'm'],
      ['method', 'm', 'ping'],
      ['restart', 'm'],
      ['swap', 'm'],
      ['deploy', join(dir, 'm.json')],
    ]) {
      await writeFile(join(dir, 'm.json'), '{}');
      const { code, err } = await run(...argv, '--state', join(dir, 'none'));
      assert.equal(code, 1);
      assert.match(err, /no runtime runs on .*none: start one with `npm start`/);
    }
  });

  it('refuses a patch or payload that is not JSON, before it looks for a runtime', async () => {
    assert.equal((await run('twin', 'patch', 'm', '{a}')).code, 2);
    assert.equal((await run('twin', 'patch', 'm', '[1]')).code, 2);
    assert.equal((await run('method', 'm', 'ping', '{a}')).code, 2);
  });

  it('down --purge removes all state, models and the sockets of a killed runtime included, and says how much', async () => {
    const state = join(dir, 'purged');
    await claimStateDir(state);
    await mkdir(join(state, 'models'));
    await writeFile(join(state, 'models', 'weights'), Buffer.alloc(3_000_000, 1));
    await mkdir(runDirOf(state), { mode: 0o700 });
    await writeFile(join(runDirOf(state), 'control.sock'), '');
    const { code, out } = await run('down', '--purge', '--state', state);
    assert.equal(code, 0);
    assert.match(out, /removed .*purged: 3 MB freed/);
    await assert.rejects(stat(state), { code: 'ENOENT' });
    await assert.rejects(stat(runDirOf(state)), { code: 'ENOENT' });
  });

  it('down is content where nothing runs; --purge removes nothing that is not ours', async () => {
    const foreign = join(dir, 'foreign');
    await mkdir(foreign);
    await writeFile(join(foreign, 'thesis.txt'), 'years of work');
    const { code, err } = await run('down', '--purge', '--state', foreign);
    assert.equal(code, 1);
    assert.match(err, /not a state directory of Edgeslot/);
    await stat(join(foreign, 'thesis.txt'));
    const none = await run('down', '--purge', '--state', join(dir, 'none'));
    assert.equal(none.code, 0);
    assert.match(none.out, /no runtime runs on/);
  });

  it('the demo refuses a folder without pictures, a missing manifest and a foreign state directory', async () => {
    const empty = join(dir, 'empty');
    await mkdir(empty);
    const state = ['--state', join(dir, 'state')];
    assert.match(
      (await run('demo', '--images', empty, ...state)).err,
      /--images .*empty holds no picture: expected JPEG/,
    );
    assert.match((await run('demo', '--images', join(dir, 'nope'), ...state)).err, /--images .*nope does not exist/);
    assert.match(
      (await run('demo', '--manifest', join(dir, 'nope.json'), ...state)).err,
      /--manifest .*nope\.json does not exist/,
    );
    const file = join(dir, 'm.json');
    await writeFile(file, '{}');
    assert.match(
      (await run('demo', '--models', file, ...state)).err,
      /--models .*m\.json is a file, or lies under one/,
    );
    const foreign = await run('demo', '--state', join(dir, 'foreign'));
    assert.equal(foreign.code, 1);
    assert.match(foreign.err, /foreign holds other files/);
  });

  it('score names the file it cannot read and the address that does not answer', async () => {
    const { code, err } = await run('score', join(dir, 'nope.jpg'), '--address', '127.0.0.1:1');
    assert.equal(code, 1);
    assert.match(err, /nope\.jpg: the file does not exist/);
  });

  it('model list says how to get models', async () => {
    const { code, err } = await run('model', 'list', '--models', join(dir, 'none'));
    assert.equal(code, 1);
    assert.match(err, /npm start/);
  });
});
