import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recipe } from '../model/manifest.js';
import { inPicture } from './in-picture.js';

test('a box of the network’s input is a box of the picture it was cut out of', () => {
  const whole = { left: 0, top: 0, right: 1, bottom: 1 };
  const crop: Recipe['resize'] = { mode: 'aspect-crop', shortSide: 256, height: 224, width: 224 };
  assert.deepEqual(inPicture(whole, { width: 9, height: 7 }, { mode: 'stretch', height: 300, width: 300 }), whole);
  const { left, top, right, bottom } = inPicture(whole, { width: 640, height: 480 }, crop);
  // 640 x 480 becomes 341 x 256; the window of 224 begins at (58, 16).
  assert.deepEqual([left * 341, top * 256, right * 341, bottom * 256].map(Math.round), [58, 16, 282, 240]);
});
