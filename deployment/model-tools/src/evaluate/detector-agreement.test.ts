import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anchorsOf, anchorsPerCell, SSD_VGG_300 } from '@edgeslot/detection';
import type { TensorData } from '@edgeslot/scoring/device';
import { DetectorAgreement } from './detector-agreement.js';

const LABELS = ['none', 'bird', 'cat'];
const ANCHORS = SSD_VGG_300.maps.reduce((sum, map) => sum + anchorsOf(map), 0);

/** Class maps, then location maps; `value` gives each number by the map, its anchor and its place in it. */
function outputs(scores: (map: number, anchor: number) => readonly number[], moved = 0): TensorData[] {
  const tensors = (name: string, last: number, row: (map: number, anchor: number) => readonly number[]) =>
    SSD_VGG_300.maps.map((map, index) => {
      const data = Array.from({ length: anchorsOf(map) }).flatMap((_, anchor) => [...row(index, anchor)]);
      return {
        name: `${name}${index}`,
        shape: [1, map.size, map.size, anchorsPerCell(map), last],
        data: new Float32Array(data),
      };
    });
  return [...tensors('scores', LABELS.length, scores), ...tensors('places', 4, () => [0, moved, 0, 0])];
}

test('anchors are compared one by one, and the boxes of those that both take for the same object', () => {
  const agreement = new DetectorAgreement(LABELS);
  // The last map has one cell of four anchors: a bird, a cat, two of nothing.
  const first = outputs((map, anchor) => (map < 5 || anchor > 1 ? [9, 0, 0] : anchor === 0 ? [0, 9, 0] : [0, 0, 9]));
  const second = outputs((map, anchor) => (map < 5 || anchor > 1 ? [9, 0, 0] : [0, 9, 0]), 0.1);
  agreement.add('a.jpg', first, second);
  const report = agreement.report();
  assert.equal(report.answers, ANCHORS);
  assert.equal(report.agreement, (ANCHORS - 1) / ANCHORS);
  assert.deepEqual(report.classes, [
    { label: 'none', count: ANCHORS - 2, agreed: ANCHORS - 2 },
    { label: 'bird', count: 1, agreed: 1 },
    { label: 'cat', count: 1, agreed: 0 },
  ]);
  assert.deepEqual(report.confusion, [{ a: 'cat', b: 'bird', count: 1 }]);
  assert.equal(report.margin, null);
  // The bird's anchor is 0.87 high and in the middle: its box moves down by a tenth of a tenth of that.
  assert.equal(report.boxes.compared, 1);
  assert.ok(Math.abs(report.boxes.largest - 0.0087) < 1e-6, String(report.boxes.largest));
  assert.ok(Math.abs(report.boxes.mean - 0.0087 / 2) < 1e-6, String(report.boxes.mean));
});

test('outputs of another network, or that are not finite, are refused and count for nothing', () => {
  const agreement = new DetectorAgreement(LABELS);
  const whole = outputs(() => [1, 0, 0]);
  assert.throws(() => agreement.add('a', whole, whole.slice(1)), /maps of SSD-VGG-300/);
  assert.throws(
    () =>
      agreement.add(
        'a',
        whole,
        outputs(() => [1, 0, 0], Number.NaN),
      ),
    /not finite/,
  );
  assert.equal(agreement.report().answers, 0);
});
