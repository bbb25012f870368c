import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fixtureManifest } from '../testing/test-runtime.js';
import { ManifestError } from './deployment.js';
import { findJsonFault } from './parse-json.js';
import { readManifest } from './read-manifest.js';

type Sections = ReturnType<typeof fixtureManifest>;
// biome-ignore lint/suspicious/noExplicitAny: a test bends the manifest in ways no type allows
type Editable = Record<string, any>;

function refused(input: string | object): ManifestError {
  try {
    readManifest(input as Record<string, unknown>, 'test.json');
  } catch (error) {
    assert.ok(error instanceof ManifestError, String(error));
    return error;
  }
  return assert.fail('the manifest was taken');
}

function change(edit: (agent: Editable, sections: Sections['modulesContent']) => void): Sections {
  const manifest = structuredClone(fixtureManifest({ a: {} }));
  edit(manifest.modulesContent.$edgeAgent?.['properties.desired'] as Editable, manifest.modulesContent);
  return manifest;
}

describe('a deployment manifest', () => {
  it('is read with its defaults', () => {
    const manifest = change((agent) => {
      delete agent.modules.a.restartPolicy;
      agent.modules.a.env = { NUMBER: { value: 5 }, FLAG: { value: true }, NOTHING: { value: null } };
    });
    const [spec] = readManifest(manifest).modules;
    assert.deepEqual(
      [spec?.restartPolicy, spec?.startupOrder, spec?.env, spec?.createOptions.stopTimeoutMs],
      ['on-unhealthy', 4294967295, { NUMBER: '5', FLAG: 'true', NOTHING: '' }, 10_000],
    );
  });

  it('may be wrapped, and joins chunks of createOptions', () => {
    const text = JSON.stringify({ Env: ['A=1'], HostConfig: { Binds: ['/x:/y'] } });
    const manifest = change((agent) => {
      agent.modules.a.settings = {
        image: 'x',
        createOptions: text.slice(0, 20),
        createOptions01: text.slice(20, 30),
        createOptions02: text.slice(30),
      };
    });
    const { modules } = readManifest({ content: { moduleContent: manifest.modulesContent } });
    assert.deepEqual(modules[0]?.createOptions.env, { A: '1' });
    assert.deepEqual(modules[0]?.createOptions.binds, [{ source: '/x', target: '/y', readOnly: false }]);
  });

  it('names everything that is wrong at once', () => {
    const error = refused(
      change((agent, sections) => {
        agent.modules.a.status = 'runing';
        agent.modules.a.settings.createOptions = '{"HostConfig": {"Binds": ["nowhere"]}, }';
        agent.modules.a.env = { IOTEDGE_DEVICEID: { value: 'x' } };
        agent.modules['bad name'] = { type: 'docker', status: 'running', settings: { image: 'UPPER/case:1' } };
        const hub = sections.$edgeHub?.['properties.desired'] as { routes: Record<string, string> };
        hub.routes = { broken: 'FROM /messages/* INTO nowhere' };
      }),
    );
    const at = '/modulesContent/$edgeAgent/properties.desired/modules';
    const find = (pointer: string) => error.findings.find((finding) => finding.pointer === pointer);
    assert.equal(error.code, 400);
    assert.equal(find(`${at}/a/status`)?.suggestion, 'did you mean "running"?');
    assert.match(find(`${at}/a/settings/createOptions`)?.message ?? '', /not JSON at line 1 column 40/);
    assert.match(find(`${at}/a/env/IOTEDGE_DEVICEID`)?.message ?? '', /duplicate env var key/);
    assert.match(find(`${at}/bad name`)?.message ?? '', /a-zA-Z0-9_-/);
    assert.match(find(`${at}/bad name/settings/image`)?.message ?? '', /lower case/);
    assert.match(find('/modulesContent/$edgeHub/properties.desired/routes/broken')?.message ?? '', /column/);
  });

  it('has the agent section, a schema version and content', () => {
    assert.match(
      refused({ modulesContent: { $edgeHub: {}, edgeAgent: {} } }).message,
      /lacks "\$edgeAgent".*is "edgeAgent" meant to be it\?/s,
    );
    assert.equal(refused(change((agent) => Object.assign(agent, { schemaVersion: '2.0' }))).code, 412);
    assert.equal(
      refused({ modulesContent: { ...fixtureManifest({}).modulesContent, $edgeAgent: { 'properties.desired': {} } } })
        .code,
      417,
    );
    assert.match(refused({}).message, /lacks "modulesContent"/);
    assert.match(
      refused({ modulesContent: { $edgeAgent: { 'properties.desired.modules.a': {} } } }).message,
      /for a layer over another deployment/,
    );
  });

  it('warns of what an agent would pass over', () => {
    const { warnings } = readManifest(
      change((agent, sections) => {
        agent.modules.a.restartPolcy = 'always';
        agent.modules.a.settings.createOptions = '{"HostConfig":{"Memory":5}}';
        sections.b = { 'properties.desired': {} };
      }),
    );
    assert.deepEqual(
      warnings.map(({ message, suggestion }) => suggestion ?? message),
      [
        'did you mean "restartPolicy"?',
        'createOptions.HostConfig.Memory has no effect on a module that runs as a process',
        'did you mean "a"?',
      ],
    );
  });

  it('of the demo is right, and B differs in the image tag and the model only', async () => {
    const read = async (name: string) => readFile(new URL(`../../../demo/${name}`, import.meta.url), 'utf8');
    const [a, b] = [await read('deployment.json'), await read('deployment.b.json')];
    const deployment = readManifest(a);
    assert.deepEqual(deployment.warnings, []);
    assert.deepEqual(
      deployment.modules.map(({ name, image }) => [name, image]),
      [
        ['scoring', 'edgeslot/scoring:1.0.0-a'],
        ['camera', 'edgeslot/camera:1.0.0'],
      ],
    );
    assert.equal(a.replace('1.0.0-a', '1.0.0-b').replace('belt-object', 'belt-colour'), b);
  });

  it('never throws anything but a ManifestError', () => {
    const valid = JSON.stringify(
      fixtureManifest({ a: { createOptions: { HostConfig: { Binds: ['/a:/b'], PortBindings: { '1/tcp': [{}] } } } } }),
    );
    fc.assert(
      fc.property(fc.nat(valid.length), fc.nat(20), fc.string(), (at, drop, insert) => {
        try {
          readManifest(valid.slice(0, at) + insert + valid.slice(at + drop));
        } catch (error) {
          assert.ok(error instanceof ManifestError, String(error));
        }
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (settings, desired) => {
        try {
          readManifest(
            change((agent, sections) => {
              agent.modules.a.settings = settings;
              sections.a = { 'properties.desired': desired } as never;
            }),
          );
        } catch (error) {
          assert.ok(error instanceof ManifestError, String(error));
        }
      }),
    );
  });
});

describe('findJsonFault', () => {
  it('agrees with JSON.parse on what is JSON', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(200), fc.string({ maxLength: 3 }), (json, at, insert) => {
        const text = json.slice(0, at) + insert + json.slice(at);
        let parses = true;
        try {
          JSON.parse(text);
        } catch {
          parses = false;
        }
        assert.equal(findJsonFault(text) === undefined, parses, text);
      }),
    );
  });

  it('counts lines and columns from 1', () => {
    assert.deepEqual(findJsonFault('{\n  "a": 1,\n  b: 2\n}'), {
      line: 3,
      column: 3,
      message: 'expected a name in double quotes, found "b"',
    });
    assert.deepEqual(findJsonFault('[1'), { line: 1, column: 3, message: 'expected "," or "]", the text ends' });
  });
});
