import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkConfig, DEFAULTS } from './camera-config.js';
import { readStartUp } from './sources.js';

function fault(layer: Record<string, unknown>): string {
  const checked = checkConfig(layer);
  assert.ok(!checked.ok);
  return checked.text;
}

describe('camera configuration', () => {
  it('takes the twin over the defaults', () => {
    const checked = checkConfig({ rate: 0.5, source: { type: 'folder', path: '/images' } });
    assert.ok(checked.ok);
    assert.deepEqual(checked.config, { ...DEFAULTS, rate: 0.5, source: { type: 'folder', path: '/images' } });
    assert.ok(checkConfig({}).ok);
  });

  it('names field, value and what was expected', () => {
    assert.equal(fault({ rate: -1 }), 'rate is -1; expected frames per second from 0 to 100');
    assert.equal(fault({ target: 'scoring:8080' }), 'target is "scoring:8080"; expected an http or https URL');
    assert.equal(fault({ target: 'http://[/' }), 'target is "http://[/"; expected a URL');
    assert.equal(fault({ source: { type: 'folder' } }), 'source.path is missing');
    assert.match(fault({ source: { type: 'webcam' } }), /source.* expected an object with type scene .* or folder/);
    assert.match(fault({ source: 'scene' }), /source is "scene"; expected an object with type scene/);
    assert.match(fault({ speed: 3 }), /^speed is unknown; expected one of target, camera, rate/);
    assert.equal(
      fault({ rate: 'fast', jitter: 2 }),
      'rate is "fast"; expected frames per second from 0 to 100; jitter is 2; expected a number from 0 to 1',
    );
  });

  it('reads the environment, then the command line', () => {
    const env = { CAMERA_RATE: '4', CAMERA_ID: 'belt-2', CAMERA_SEED: '5' };
    const { config, standalone } = readStartUp(env, []);
    assert.deepEqual(config, { ...DEFAULTS, rate: 4, camera: 'belt-2', source: { type: 'scene', seed: 5 } });
    assert.equal(standalone, false);
    const alone = readStartUp(env, [
      '--target',
      'http://localhost:1/score',
      '--rate',
      '9',
      '--images',
      '/p',
      '--frames',
      '3',
    ]);
    assert.equal(alone.standalone, true);
    assert.equal(alone.frames, 3);
    assert.equal(alone.config.rate, 9);
    assert.deepEqual(alone.config.source, { type: 'folder', path: '/p' });
    assert.throws(() => readStartUp({ CAMERA_RATE: 'fast' }, []), /rate is "fast"; expected frames per second/);
    assert.throws(() => readStartUp({}, ['--frames', '0']), /--frames is "0"; expected an integer from 1/);
    assert.throws(() => readStartUp({}, ['--speed', '3']), /--speed/);
  });
});
