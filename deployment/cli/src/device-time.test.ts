import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { tinyNetwork } from '@edgeslot/model-tools/testing';
import { DeviceTimes, deviceTimeLines } from './device-time.js';
import { run } from './run-cli.fixture.js';

test('the time on a card comes from the package in the models directory, and is called modelled', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'edgeslot-cli-device-time-'));
  t.after(() => rm(dir, { recursive: true }));
  const [onnx, models] = [join(dir, 'tiny.onnx'), join(dir, 'models')];
  await writeFile(onnx, tinyNetwork());
  assert.equal((await run('model', 'register', onnx, '--name', 'net', '--models', models)).code, 0);
  const times = new DeviceTimes(models);
  const time = await times.of({ name: 'net', version: 1 }, 12.34);
  // 16 × 16 positions of one convolution of the picture, two tiles.
  assert.deepEqual([time.card?.tiles, time.card?.cycles, time.card?.basis], [2, 512, 'modelled']);
  const [measured, modelled] = deviceTimeLines(time);
  assert.equal(measured, 'time measured: 12.3 ms from request to answer');
  assert.match(
    modelled!,
    /^time on the card, modelled: about 0\.0 ms for the featurizer; not measured, ±40 %: 2 tiles, 512/,
  );

  const [, missing] = deviceTimeLines(await times.of({ name: 'net', version: 7 }, 1));
  assert.match(missing!, /^time on the card: cannot be modelled, .*net:7.*; --models DIR names/);
});

test('the anchor is called what a paper reports', () => {
  const card = { ms: 1.8, basis: 'reported', uncertaintyPercent: null, tiles: 1461, cycles: 299_880 } as const;
  assert.match(
    deviceTimeLines({ measuredMs: 1, card })[1]!,
    /modelled: about 1\.8 ms .*; as reported of ResNet-50 on an Arria 10/,
  );
});
