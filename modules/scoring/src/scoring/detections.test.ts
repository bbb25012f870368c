import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recipe } from '../model/manifest.js';
import { fakePackage } from '../testing/fake-device.js';
import { plantedOutputs, SSD_OUTPUTS } from '../testing/ssd-package.js';
import { checkDetects, DetectionReader, isDetector } from './detections.js';

const LABELS = ['none', ...Array.from({ length: 20 }, (_, index) => `thing ${index + 1}`)];
const STRETCH: Recipe['resize'] = { mode: 'stretch', height: 300, width: 300 };

function detector(outputs = SSD_OUTPUTS, resize: Recipe['resize'] = STRETCH) {
  const { classifier: _, ...manifest } = fakePackage('d').manifest;
  return {
    ...fakePackage('d'),
    labels: LABELS,
    manifest: {
      ...manifest,
      preprocessing: { ...manifest.preprocessing, resize },
      postprocessing: { type: 'ssd' as const, labels: 'labels.txt' },
      featurizer: { ...manifest.featurizer, outputs },
    },
  };
}

const outputs = [...plantedOutputs([{ map: 4, anchor: 0, classId: 3, score: 9 }])].map(([name, data], index) => ({
  name,
  shape: [1, ...SSD_OUTPUTS[index]!.shape.slice(1)],
  data,
}));
const notAsked = () => assert.fail('the size was asked for');

test('objects have the label of their class, and a stretched picture needs no size', () => {
  const reader = new DetectionReader();
  const [one, ...more] = reader.read({ model: detector(), outputs }, {}, notAsked);
  assert.deepEqual(more, []);
  assert.equal(one!.label, 'thing 3');
  assert.equal(one!.classId, 3);
  assert.ok(Math.abs(one!.box.right - (1 / 6 + 0.345)) < 1e-6);
  assert.equal(one!.box.left, 0);
  assert.deepEqual(reader.read({ model: detector(), outputs }, { threshold: 0.999 }, notAsked), []);
});

test('a detector whose anchors are not known is refused, before a frame and after', () => {
  const others = SSD_OUTPUTS.map(({ name, shape }) => ({ name, shape: [-1, 38, 38, ...shape.slice(3)] }));
  assert.ok(isDetector(detector(others)));
  assert.equal(isDetector(fakePackage('a')), false);
  checkDetects(detector());
  const refusal = {
    code: 'DETECTIONS_UNAVAILABLE',
    http: 501,
    message: /^model d:1 .*found \[38,38,4,21\] \[38,38,6,21\]/,
  };
  assert.throws(() => checkDetects(detector(others)), refusal);
  const reply = { model: detector(others), outputs: outputs.slice(1) };
  assert.throws(() => new DetectionReader().read(reply, {}, notAsked), refusal);
});
