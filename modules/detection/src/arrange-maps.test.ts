import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrangeMaps, type MapTensor, pairMaps } from './arrange-maps.js';
import { anchorsPerCell, SSD_VGG_300 } from './layout.js';

function outputs(classes: number, batch = 1): MapTensor[] {
  const tensors = (last: number) =>
    SSD_VGG_300.maps.map((map) => {
      const shape = [batch, map.size, map.size, anchorsPerCell(map), last];
      const values = shape.reduce((product, size) => product * size, 1);
      return { shape, data: Float32Array.from({ length: values }, (_, at) => (at * batch) / values) };
    });
  return [...tensors(classes), ...tensors(4)];
}

test('scores and locations are told by their shapes, in any order', () => {
  const all = outputs(21);
  const { maps, classes } = arrangeMaps(all)!;
  assert.equal(classes, 21);
  assert.equal(maps[3]!.classes.length, 5 * 5 * 6 * 21);
  assert.deepEqual(arrangeMaps(all.toReversed()), { maps, classes });
});

test('with four classes the scores come first', () => {
  const all = outputs(4);
  assert.equal(pairMaps(all)!.pairs[0]!.scores, all[0]);
  assert.equal(pairMaps(all)!.pairs[0]!.locations, all[6]);
});

test('a row of a batch, and none that is not there', () => {
  const { maps } = arrangeMaps(outputs(3, 2), 1)!;
  assert.ok(maps.every((map) => map.classes[0]! >= 0.99 && map.locations[0]! >= 0.99));
  assert.equal(arrangeMaps(outputs(3, 2), 2), undefined);
});

test('other outputs are no such network’s', () => {
  const all = outputs(21);
  const other = (index: number, shape: number[]) => all.map((one, at) => (at === index ? { ...one, shape } : one));
  assert.equal(pairMaps(all.slice(1)), undefined);
  assert.equal(pairMaps([]), undefined);
  assert.equal(pairMaps(other(0, [1, 38, 38, 4, 21])), undefined);
  assert.equal(pairMaps(other(0, [1, 37, 37, 4])), undefined);
  assert.equal(pairMaps(other(2, [1, 10, 10, 6, 20])), undefined);
  assert.equal(pairMaps(other(8, [1, 10, 10, 6, 5])), undefined);
  assert.equal(pairMaps(outputs(1)), undefined);
  const shapes = (classes: number) =>
    outputs(2).map(({ shape }) => ({ shape: shape.map((n) => (n === 2 ? classes : n)) }));
  assert.equal(pairMaps(shapes(994))?.classes, 994);
  assert.equal(pairMaps(shapes(995)), undefined);
  assert.equal(pairMaps([...all, all[0]!]), undefined);
});
