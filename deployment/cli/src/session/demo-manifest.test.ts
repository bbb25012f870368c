import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changeDemoManifest } from './demo-manifest.js';

const manifest = (createOptions: unknown) => ({
  modulesContent: {
    $edgeAgent: {
      'properties.desired': {
        modules: {
          scoring: { settings: { image: 'edgeslot/scoring:1.0.0-a' } },
          eye: { settings: { image: 'edgeslot/camera:1.0.0', createOptions } },
        },
      },
    },
    eye: { 'properties.desired': { rate: 2, source: { type: 'scene', seed: 1_000_000 } } },
  },
});
const eyeOf = (text: string) => {
  const { modulesContent } = JSON.parse(text);
  const module = modulesContent.$edgeAgent['properties.desired'].modules.eye;
  return { options: JSON.parse(module.settings.createOptions), desired: modulesContent.eye['properties.desired'] };
};

describe('changeDemoManifest', () => {
  it('leaves the text alone when nothing is asked for', () => {
    assert.equal(changeDemoManifest('not even JSON', {}, 'x.json'), 'not even JSON');
  });

  it('binds the folder into the camera and makes it the source', () => {
    const text = JSON.stringify(manifest('{"HostConfig":{"Binds":["/a:/b"]},"Env":["X=1"]}'));
    const { options, desired } = eyeOf(changeDemoManifest(text, { imagesPath: '/device/images', rate: 5 }, 'x.json'));
    assert.deepEqual(options, { HostConfig: { Binds: ['/a:/b', '/device/images:/images:ro'] }, Env: ['X=1'] });
    assert.deepEqual(desired, { rate: 5, source: { type: 'folder', path: '/images' } });
  });

  it('takes createOptions that are missing or an object', () => {
    for (const given of [undefined, '', {}]) {
      const text = JSON.stringify(manifest(given));
      const { options } = eyeOf(changeDemoManifest(text, { imagesPath: '/p' }, 'x.json'));
      assert.deepEqual(options.HostConfig.Binds, ['/p:/images:ro']);
    }
  });

  it('takes a manifest wrapped in content', () => {
    const text = changeDemoManifest(JSON.stringify({ content: manifest('{}') }), { rate: 9 }, 'x.json');
    assert.equal(JSON.parse(text).content.modulesContent.eye['properties.desired'].rate, 9);
  });

  it('says what is missing', () => {
    assert.throws(
      () => changeDemoManifest('{"modulesContent":{}}', { rate: 1 }, 'x.json'),
      /x\.json has no module with the image edgeslot\/camera/,
    );
    assert.throws(() => changeDemoManifest('{', { rate: 1 }, 'x.json'), /x\.json is not JSON/);
  });
});
