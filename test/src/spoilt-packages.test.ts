import assert from 'node:assert/strict';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { copyOfModel, demoModels } from './support/demo-models.js';
import { edgeslot } from './support/run-command.js';

const ANY_PORT = ['--grpc-port', '0', '--http-port', '0', '--metrics-port', '0'];

describe('edgeslot serve refuses a spoilt package before the device is touched', () => {
  const serve = (modelsDir: string, model: string) =>
    edgeslot(['serve', '--models', modelsDir, '--model', model, ...ANY_PORT]);

  it('a missing file', async () => {
    const { modelsDir, packageDir } = await copyOfModel((await demoModels()).object);
    await rm(join(packageDir, 'classifier.onnx'));
    const { code, stdout, stderr } = await serve(modelsDir, 'belt-object');
    assert.equal(code, 1);
    assert.match(stdout + stderr, /classifier\.onnx is missing/);
    await rm(modelsDir, { recursive: true });
  });

  it('one altered byte', async () => {
    const { modelsDir, packageDir } = await copyOfModel((await demoModels()).object);
    const file = await open(join(packageDir, 'featurizer.onnx'), 'r+');
    await file.write(Buffer.from([0x5a, 0xa5]), 0, 2, 1_000_000);
    await file.close();
    const { code, stdout, stderr } = await serve(modelsDir, 'belt-object');
    assert.equal(code, 1);
    assert.match(stdout + stderr, /featurizer\.onnx was altered/);
    await rm(modelsDir, { recursive: true });
  });

  it('a model that is not there: what is there instead', async () => {
    const { code, stdout, stderr } = await serve((await demoModels()).modelsDir, 'resnet50');
    assert.equal(code, 1);
    assert.match(stdout + stderr, /resnet50.*belt-colour.*belt-object/s);
  });

  it('a wrong option: its name, its value, what was expected', async () => {
    const { code, stdout, stderr } = await edgeslot([
      'serve',
      '--models',
      (await demoModels()).modelsDir,
      '--model',
      'belt-object',
      '--grpc-port',
      '99999',
    ]);
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /grpc-port.*99999/s);
  });
});
