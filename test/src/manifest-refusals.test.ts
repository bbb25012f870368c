import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { DEMO_MANIFEST } from './support/checkout.js';
import { type DemoModels, demoModels } from './support/demo-models.js';
import { DemoRuntime } from './support/demo-runtime.js';
import { edgeslot } from './support/run-command.js';

interface Manifest {
  modulesContent: {
    $edgeAgent: {
      'properties.desired': {
        modules: Record<
          string,
          { settings: { image: string; createOptions: string }; env: Record<string, { value: string }> }
        >;
      };
    };
    $edgeHub: { 'properties.desired': { routes: Record<string, string> } };
  };
}

describe('a manifest that cannot be right', () => {
  let directory: string;
  let demo: DemoRuntime;
  let models: DemoModels;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'edgeslot-test-'));
    models = await demoModels();
    demo = await DemoRuntime.start(models.modelsDir, ['--rate', '2']);
    await demo.scoredFrames(2, models.object.id, 180_000);
  });
  after(async () => {
    await demo.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const demoManifest = async () => JSON.parse(await readFile(DEMO_MANIFEST, 'utf8')) as Manifest;
  const agentOf = (manifest: Manifest) => manifest.modulesContent.$edgeAgent['properties.desired'];
  const changed = (change: (manifest: Manifest) => void) => async () => {
    const manifest = await demoManifest();
    change(manifest);
    return JSON.stringify(manifest, null, 2);
  };

  const cases: [string, () => Promise<string>, RegExp][] = [
    ['is not JSON', async () => `${await readFile(DEMO_MANIFEST, 'utf8')} }`, /line \d+/],
    ['lacks $edgeAgent', changed((m) => Reflect.deleteProperty(m.modulesContent, '$edgeAgent')), /\$edgeAgent/],
    [
      'has a broken route',
      changed((m) => Object.assign(m.modulesContent.$edgeHub['properties.desired'].routes, { oops: 'FROM nowhere' })),
      /oops/,
    ],
    [
      'has broken createOptions',
      changed((m) => Object.assign(agentOf(m).modules.scoring!.settings, { createOptions: '{"HostConfig":' })),
      /scoring.*createOptions/s,
    ],
    [
      'names an image nobody has',
      changed((m) => Object.assign(agentOf(m).modules.scoring!.settings, { image: 'contoso/nobody:1' })),
      /contoso\/nobody:1/,
    ],
  ];
  for (const [what, text, complaint] of cases) {
    it(`${what}: refused by name, and the last good deployment stays`, async () => {
      const file = join(directory, `${what.replace(/\W+/g, '-')}.json`);
      await writeFile(file, await text());
      const before = await demo.module('scoring');
      const { code, stdout, stderr } = await edgeslot(['deploy', file, '--state', demo.stateDir]);
      assert.notEqual(code, 0, stdout);
      assert.match(stderr, complaint);
      const now = await demo.module('scoring');
      assert.equal(now.pid, before.pid, 'the running module must not be touched');
      await demo.scoredFrames(1, models.object.id);
    });
  }

  it('is refused by `edgeslot up` too, within a bound', async () => {
    const file = join(directory, 'empty.json');
    await writeFile(file, '{}');
    const { code, stderr } = await edgeslot(['up', file, '--state', join(directory, 'state')]);
    assert.notEqual(code, 0);
    assert.match(stderr, /modulesContent/);
  });
});

describe('a demo that cannot start says what is wrong and ends non-zero', () => {
  let directory: string;
  let modelsDir: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'edgeslot-test-'));
    ({ modelsDir } = await demoModels());
  });
  after(() => rm(directory, { recursive: true, force: true }));

  const demo = (name: string, ...args: string[]) =>
    edgeslot(['demo', '--frames', '3', '--state', join(directory, name), '--models', modelsDir, ...args], {
      boundMs: 200_000,
    });

  it('a port that is taken: which, and by whom', async () => {
    const holder = createServer().listen(50051, '127.0.0.9');
    await new Promise((resolve) => holder.once('listening', resolve));
    try {
      const { code, stdout, stderr } = await demo('port', '--host', '127.0.0.9', '--timeout', '30');
      assert.notEqual(code, 0, stdout);
      assert.match(stderr, /127\.0\.0\.9:50051/);
      assert.match(stderr, new RegExp(`\\b${process.pid}\\b`), 'the process that holds the port');
    } finally {
      await new Promise((resolve) => holder.close(resolve));
    }
  });

  it('a model that is not in the models directory', async () => {
    const manifest = JSON.parse(await readFile(DEMO_MANIFEST, 'utf8')) as Manifest;
    agentEnv(manifest).MODEL_NAME = { value: 'resnet50:3' };
    const file = join(directory, 'no-model.json');
    await writeFile(file, JSON.stringify(manifest));
    const { code, stderr, stdout } = await demo('model', '--host', 'auto', '--manifest', file, '--timeout', '20');
    assert.notEqual(code, 0, stdout);
    assert.match(stderr, /resnet50:3/);
    assert.match(stdout + stderr, /belt-object/, 'what there is instead');
  });

  it('pictures that are none', async () => {
    const { code, stderr } = await demo('images', '--images', directory);
    assert.notEqual(code, 0);
    assert.match(stderr, /JPEG/);
  });
});

function agentEnv(manifest: Manifest): Record<string, { value: string }> {
  return manifest.modulesContent.$edgeAgent['properties.desired'].modules.scoring!.env;
}
