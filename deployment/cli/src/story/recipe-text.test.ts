import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RECIPES } from '@edgeslot/scoring/model';
import { recipeText } from './recipe-text.js';

test('says which pixels and what becomes of them, and the name where there is one', () => {
  assert.deepEqual(recipeText(RECIPES.get('original-densenet')!), [
    'short side to 256, the middle 224x224, bilinear-legacy, RGB, NHWC (original-densenet)',
    '(pixel - [123.68, 116.779, 103.939]) * 0.017',
  ]);
  const { resize, ...rest } = RECIPES.get('torchvision')!;
  const [pixels, values] = recipeText({ resize: { rounding: 'torchvision', ...resize } as typeof resize, ...rest });
  assert.equal(
    pixels,
    'short side to 256, the middle 224x224, rounded as torchvision does, bilinear-antialias, RGB, NCHW (torchvision)',
  );
  assert.equal(values, '(pixel - [123.675, 116.28, 103.53]) * [0.0171248, 0.017507, 0.0174292]');
  const own = { ...rest, resize: { mode: 'stretch', height: 10, width: 20 } } as const;
  assert.equal(recipeText(own)[0], 'all of it to 10x20, bilinear-antialias, RGB, NCHW');
});
