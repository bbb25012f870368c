import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { writeSsdPackage } from '@edgeslot/scoring/testing';
import sharp from 'sharp';
import { ROOT } from '../support/checkout.js';
import { RunningCommand } from '../support/run-command.js';
import { waitFor } from '../support/wait-for.js';

/** What the images hold, collected far from the checkout, so that nothing is found in its node_modules. */
describe('what is collected for the scoring image', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'edgeslot-image-'));
    const args = ['--module', 'modules/scoring', '--platform', `${process.platform}-${process.arch}`];
    const collect = join(ROOT, 'deployment/image/collect-runtime.mjs');
    await promisify(execFile)(process.execPath, [collect, ...args, '--out', join(folder, 'app')]);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('scores: the detector, both decoders and the native sampler are there', async (t) => {
    const object = { map: 5, anchor: 0, classId: 7, score: 5 };
    await writeSsdPackage(join(folder, 'models'), { name: 'parts', objects: [object] });
    const ports = ['--grpc-port', '0', '--http-port', '0', '--metrics-port', '0'];
    const args = ['--host', '127.0.0.1', '--models', join(folder, 'models'), '--model', 'parts', ...ports];
    const server = new RunningCommand(
      spawn(process.execPath, ['modules/scoring/bin/scoring.js', ...args, '--device', 'emulator'], {
        cwd: join(folder, 'app'),
        env: { ...process.env, NODE_TEST_CONTEXT: undefined },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    t.after(() => server.stop());
    const [, http] = await waitFor('the listening line', () => {
      if (!server.running) throw new Error(`it ended early\n${server.output}`);
      return /^listening .*http=(\S+)/m.exec(server.stdout) ?? undefined;
    });
    assert.match(server.output, /native sampler/);
    const picture = sharp({ create: { width: 64, height: 48, channels: 3, background: '#336699' } });
    for (const format of ['jpeg', 'png'] as const) {
      const body = await picture.clone().toFormat(format).toBuffer();
      const headers = { 'content-type': `image/${format}` };
      const response = await fetch(`http://${http}/score`, { method: 'POST', body, headers });
      const { inferences } = (await response.json()) as { inferences: { type: string }[] };
      assert.deepEqual([response.status, inferences.map(({ type }) => type)], [200, ['entity']], format);
    }
  });

  it('holds nothing that only tests need', async () => {
    for (const file of ['modules/scoring/goldens', 'modules/scoring/dist/testing', 'modules/detection/dist/testing']) {
      await access(join(ROOT, file));
      await assert.rejects(access(join(folder, 'app', file)), { code: 'ENOENT' });
    }
  });
});
