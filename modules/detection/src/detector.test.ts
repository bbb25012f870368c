import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Detection, SsdDetector, type SsdMap } from './detector.js';
import { SSD_VGG_300, type SsdLayout } from './layout.js';
import { emptyMaps, filledMaps, plantedMaps, randomNumbers } from './testing/maps.js';
import { slowDetect } from './testing/slow-detect.js';

const VOC = 21;
const ssd = new SsdDetector(VOC);

/** Two maps, 22 anchors: small enough for many cases. */
const SMALL: SsdLayout = {
  side: 100,
  centreScale: 0.1,
  sizeScale: 0.2,
  maps: [
    { size: 2, step: 50, sides: [20, 40], ratios: [2, 1 / 2] },
    { size: 1, step: 100, sides: [60, 90], ratios: [2, 1 / 2, 3, 1 / 3] },
  ],
};
const CLASSES = 5;
const small = new SsdDetector(CLASSES, SMALL);

function same(found: readonly Detection[], expected: readonly Detection[]): void {
  assert.deepEqual(
    found.map(({ classId }) => classId),
    expected.map(({ classId }) => classId),
  );
  for (const [index, { confidence, box }] of expected.entries()) {
    assert.equal(found[index]!.confidence, confidence);
    for (const edge of ['left', 'top', 'right', 'bottom'] as const) {
      assert.ok(Math.abs(found[index]!.box[edge] - box[edge]) < 1e-6, `${edge} of ${index}`);
    }
  }
}

/** Sets one anchor of one map to a class with the odds of `score` against everything else. */
function plant(maps: readonly SsdMap[], map: number, anchor: number, classId: number, score = 25, classes = VOC): void {
  maps[map]!.classes[anchor * classes + classId] = score;
}

describe('SSD detector', () => {
  it('decodes a location as published: centre, size, and the box of it', () => {
    const maps = emptyMaps(SSD_VGG_300, VOC);
    plant(maps, 0, 0, 15);
    maps[0]!.locations.set([1, 1, 1, 1]);
    const [person, ...more] = ssd.detect(maps);
    assert.deepEqual(more, []);
    assert.equal(person!.classId, 15);
    // The box is (-.022416, -.022416, .063082, .063082), clipped.
    const { left, top, right, bottom } = person!.box;
    assert.deepEqual([left, top], [0, 0]);
    assert.ok(Math.abs(right - 0.063082) < 1e-6 && Math.abs(bottom - 0.063082) < 1e-6);
    // The same far from the edges: centre moved by .007, size .07 × e^.2.
    const inner = emptyMaps(SSD_VGG_300, VOC);
    const anchor = (10 * 37 + 20) * 4;
    plant(inner, 0, anchor, 3);
    inner[0]!.locations.set([1, -1, 1, 0], anchor * 4);
    const { box } = ssd.detect(inner)[0]!;
    const expected = [
      (20.5 * 8) / 300 + 0.007 - 0.0854982 / 2,
      (10.5 * 8) / 300 - 0.007 - 0.035,
      (20.5 * 8) / 300 + 0.007 + 0.0854982 / 2,
      (10.5 * 8) / 300 - 0.007 + 0.035,
    ];
    for (const [index, edge] of [box.left, box.top, box.right, box.bottom].entries()) {
      assert.ok(Math.abs(edge - expected[index]!) < 1e-6);
    }
  });

  it('finds what is more probable than the threshold, not what equals it', () => {
    const maps = emptyMaps(SSD_VGG_300, VOC);
    // Two equal scores and nothing else: each is 0.5 exactly.
    maps[2]!.classes.fill(Number.NEGATIVE_INFINITY, 0, VOC);
    plant(maps, 2, 0, 7, 0);
    plant(maps, 2, 0, 9, 0);
    assert.deepEqual(ssd.detect(maps), []);
    const found = ssd.detect(maps, { threshold: 0.499 });
    assert.deepEqual(
      found.map(({ classId, confidence }) => [classId, confidence]),
      [
        [7, 0.5],
        [9, 0.5],
      ],
    );
  });

  it('threshold 0 takes the best class of each anchor, unless that is the background', () => {
    const maps = filledMaps(SMALL, CLASSES, () => 0);
    assert.deepEqual(small.detect(maps, { threshold: 0 }), []);
    plant(maps, 0, 1, 3, 0.01, CLASSES);
    plant(maps, 1, 0, 2, 0.02, CLASSES);
    plant(maps, 1, 0, 4, 0.02, CLASSES);
    assert.deepEqual(
      small.detect(maps, { threshold: 0 }).map(({ classId }) => classId),
      [2, 3],
    );
  });

  it('of equal boxes of a class the best stays; other classes stay too', () => {
    const maps = emptyMaps(SMALL, CLASSES);
    // Both squares of a cell, stretched to the same size.
    for (const [anchor, side] of [0.2, Math.sqrt(20 * 40) / 100].entries()) {
      const stretch = Math.log(0.3 / side) / 0.2;
      maps[0]!.locations.set([0, 0, stretch, stretch], anchor * 4);
    }
    plant(maps, 0, 0, 1, 21, CLASSES);
    plant(maps, 0, 0, 2, 20.5, CLASSES);
    plant(maps, 0, 1, 1, 22, CLASSES);
    const found = small.detect(maps, { threshold: 0.1 });
    assert.deepEqual(
      found.map(({ classId }) => classId),
      [1, 2],
    );
    assert.ok(found[0]!.confidence > 0.85, 'the better of the two');
  });

  it('an overlap of exactly the threshold goes, one just below it stays', () => {
    // Two squares without offsets in one cell: the small one is inside the large one, which is twice as long.
    const layout: SsdLayout = { ...SMALL, maps: [{ size: 1, step: 100, sides: [25, 100], ratios: [] }] };
    const detector = new SsdDetector(2, layout);
    const maps = [{ classes: Float32Array.of(0, 9, 0, 8), locations: new Float32Array(8) }];
    assert.equal(detector.detect(maps, { iouThreshold: 0.25 }).length, 1);
    assert.equal(detector.detect(maps, { iouThreshold: 0.2500001 }).length, 2);
  });

  it('agrees with a slow independent implementation on maps like a trained network’s', () => {
    const cases = [
      { objects: 0, threshold: 0.5, iouThreshold: 0.45, least: 0 },
      { objects: 300, threshold: 0.5, iouThreshold: 0.45, least: 150 },
      { objects: 900, threshold: 0.05, iouThreshold: 0.2, least: 100 },
    ];
    for (const [seed, { objects, least, ...options }] of cases.entries()) {
      const maps = plantedMaps(SSD_VGG_300, VOC, objects, randomNumbers(seed + 1));
      const found = ssd.detect(maps, options);
      same(found, slowDetect(maps, VOC, SSD_VGG_300, options.threshold, options.iouThreshold));
      assert.ok(found.length >= least && found.length <= objects, `${found.length} of ${objects}`);
    }
  });

  it('agrees with it when everything is above the threshold, of which 400 are kept', () => {
    const random = randomNumbers(99);
    const maps = filledMaps(SSD_VGG_300, VOC, () => 6 * random() - 3);
    const found = ssd.detect(maps, { threshold: 0.001, iouThreshold: 1 });
    same(found, slowDetect(maps, VOC, SSD_VGG_300, 0.001, 1));
    assert.ok(found.length > 390 && found.length <= 400, `${found.length}`);
    const alike = filledMaps(SSD_VGG_300, VOC, () => 1);
    const equal = ssd.detect(alike, { threshold: 0.01 });
    same(equal, slowDetect(alike, VOC, SSD_VGG_300, 0.01, 0.45));
    assert.ok(equal.every(({ confidence }) => confidence === Math.fround(1 / VOC)));
  });

  it('agrees with it on any numbers: ties, NaN, infinities, huge ones', () => {
    const number = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(-2, -1, 0, 0, 1, 2, 3) },
      { weight: 3, arbitrary: fc.float({ min: -8, max: 8, noNaN: true }) },
      { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, 3e38, -3e38, 1e-45, 4000, -0) },
    );
    const array = (length: number) => fc.array(number, { minLength: length, maxLength: length });
    const maps = fc
      .tuple(array(16 * CLASSES), array(16 * 4), array(6 * CLASSES), array(6 * 4))
      .map(([a, b, c, d]): SsdMap[] => [
        { classes: Float32Array.from(a), locations: Float32Array.from(b) },
        { classes: Float32Array.from(c), locations: Float32Array.from(d) },
      ]);
    const threshold = fc.constantFrom(0, 1e-9, 0.01, 0.2, 0.25, 0.5, 0.9, 1);
    const iou = fc.constantFrom(0, 0.2, 0.45, 1);
    fc.assert(
      fc.property(maps, threshold, iou, (given, least, overlap) => {
        const found = small.detect(given, { threshold: least, iouThreshold: overlap });
        same(found, slowDetect(given, CLASSES, SMALL, least, overlap));
        for (const { confidence, classId, box } of found) {
          assert.ok(confidence > least && confidence <= 1 && classId >= 1 && classId < CLASSES);
          assert.ok(box.left >= 0 && box.left <= box.right && box.right <= 1);
          assert.ok(box.top >= 0 && box.top <= box.bottom && box.bottom <= 1);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('a class keeps its boxes whatever its number, where no confidences are equal', () => {
    const shuffled = fc.shuffledSubarray([1, 2, 3, 4], { minLength: 4 });
    fc.assert(
      fc.property(fc.integer(), shuffled, (seed, order) => {
        const random = randomNumbers(seed);
        const maps = filledMaps(SMALL, CLASSES, () => 6 * random() - 3);
        const renamed = maps.map(({ classes, locations }) => {
          const moved = classes.slice();
          for (let at = 0; at < classes.length; at += CLASSES) {
            for (const [index, to] of order.entries()) moved[at + to] = classes[at + index + 1]!;
          }
          return { classes: moved, locations };
        });
        const options = { threshold: 0.1 };
        const found = small.detect(maps, options);
        fc.pre(new Set(found.map(({ confidence }) => confidence)).size === found.length);
        const back = small.detect(renamed, options).map((one) => ({ ...one, classId: order.indexOf(one.classId) + 1 }));
        assert.deepEqual(
          back.map(({ classId, box }) => ({ classId, box })),
          found.map(({ classId, box }) => ({ classId, box })),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('an anchor with bad numbers hides nothing else, and nothing stays from one picture to the next', () => {
    const maps = plantedMaps(SSD_VGG_300, VOC, 50, randomNumbers(5));
    const clean = ssd.detect(maps);
    const spoilt = maps.map(({ classes, locations }) => ({ classes: classes.slice(), locations: locations.slice() }));
    // Anchors that are background for certain.
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const anchor = maps[0]!.classes.findIndex((score, at) => at % VOC === 0 && score > 18.5 && noClass(maps[0]!, at));
      spoilt[0]!.classes[anchor + 3] = bad;
      assert.deepEqual(ssd.detect(spoilt), clean);
    }
    assert.deepEqual(ssd.detect(filledMaps(SSD_VGG_300, VOC, () => Number.NaN)), []);
    assert.deepEqual(ssd.detect(filledMaps(SSD_VGG_300, VOC, () => Number.NEGATIVE_INFINITY)), []);
    assert.deepEqual(ssd.detect(emptyMaps(SSD_VGG_300, VOC)), []);
    assert.deepEqual(ssd.detect(maps), clean);
    assert.ok(clean.length > 10);
  });

  it('refuses maps of other sizes and thresholds that are none', () => {
    const maps = emptyMaps(SSD_VGG_300, VOC);
    assert.throws(() => ssd.detect(maps.slice(1)), /number of maps: expected 6, found 5/);
    assert.throws(() => ssd.detect(emptyMaps(SSD_VGG_300, 20)), /map 0: expected 114996 scores and 21904 locations/);
    for (const value of [-0.1, 1.1, Number.NaN]) {
      assert.throws(() => ssd.detect(maps, { threshold: value }), /threshold: expected a number from 0 to 1/);
      assert.throws(() => ssd.detect(maps, { iouThreshold: value }), /iouThreshold: expected/);
    }
    for (const classes of [1, 995, 2.5]) assert.throws(() => new SsdDetector(classes), /expected 2 to 994, found/);
  });
});

function noClass({ classes }: SsdMap, at: number): boolean {
  return classes.subarray(at + 1, at + VOC).every((score) => score < 3);
}
