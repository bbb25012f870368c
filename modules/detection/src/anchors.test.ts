import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeAnchors } from './anchors.js';
import { anchorsOf, SSD_VGG_300 } from './layout.js';

const near = (found: ArrayLike<number>, expected: readonly number[]) => {
  assert.equal(found.length, expected.length);
  for (const [index, value] of expected.entries()) {
    assert.ok(Math.abs(found[index]! - value) < 1e-6, `${found[index]} is not ${value}`);
  }
};

test('SSD-VGG-300 has 8,432 anchors with the published sizes and centres', () => {
  const anchors = makeAnchors(SSD_VGG_300);
  assert.equal(anchors.count, 8432);
  assert.deepEqual(SSD_VGG_300.maps.map(anchorsOf), [5476, 2166, 600, 150, 36, 4]);
  near(anchors.height.subarray(0, 4), [0.07, 0.10247, 0.049497, 0.098995]);
  near(anchors.width.subarray(0, 4), [0.07, 0.10247, 0.098995, 0.049497]);
  near(anchors.height.subarray(-4), [0.87, 0.955772, 0.615183, 1.230366]);
  near(anchors.width.subarray(-4), [0.87, 0.955772, 1.230366, 0.615183]);
  // The six boxes of a cell of the second map: the ratios 2, 1/2, 3, 1/3 in that order.
  const second = [0, 1, 2, 3, 4, 5].map((one) => anchors.width[5476 + one]! / anchors.height[5476 + one]!);
  near(second, [1, 1, 2, 1 / 2, 3, 1 / 3]);

  let first = 0;
  const ends = SSD_VGG_300.maps.map((map) => {
    const [from, to] = [first, first + anchorsOf(map) - 1];
    first = to + 1;
    assert.equal(anchors.centreX[from], anchors.centreY[from]);
    assert.equal(anchors.centreX[to], anchors.centreY[to]);
    return [anchors.centreX[from]!, anchors.centreX[to]!];
  });
  const expected = [
    [0.013333, 0.973333],
    [0.026667, 0.986667],
    [0.053333, 1.013333],
    [0.106667, 0.96],
    [0.166667, 0.833333],
    [0.5, 0.5],
  ];
  near(ends.flat(), expected.flat());
});

test('columns go before rows, anchors of a cell before columns', () => {
  const { centreX, centreY } = makeAnchors(SSD_VGG_300);
  near([centreX[4]!, centreY[4]!], [1.5 * (8 / 300), 0.5 * (8 / 300)]);
  near([centreX[37 * 4]!, centreY[37 * 4]!], [0.5 * (8 / 300), 1.5 * (8 / 300)]);
});
