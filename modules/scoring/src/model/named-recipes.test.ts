import assert from 'node:assert/strict';
import { test } from 'node:test';
import { windowOf } from '../preprocess/sampling-plan.js';
import { checkRecipe } from './manifest-check.js';
import { originalRecipe, RECIPES } from './named-recipes.js';

const crop = (outputHeight: number, outputWidth: number) => {
  const { resize } = originalRecipe({ outputHeight, outputWidth });
  return [resize.height, resize.width];
};

test('the original crops a square of its height, at most 256, and does not look at its width', () => {
  assert.deepEqual(crop(224, 224), [224, 224]);
  assert.deepEqual(crop(200, 224), [200, 200]);
  assert.deepEqual(crop(300, 300), [256, 256]);
  const stretched = originalRecipe({ outputHeight: 200, outputWidth: 224, preserveAspectRatio: false });
  assert.deepEqual(stretched.resize, { mode: 'stretch', height: 200, width: 224 });
});

test('the original’s window: truncated sizes, truncated offsets', () => {
  const { resize } = originalRecipe();
  assert.deepEqual(windowOf(640, 480, resize), { width: 341, height: 256, left: 58, top: 16 });
  assert.deepEqual(windowOf(640, 427, resize), { width: 383, height: 255, left: 79, top: 15 });
  assert.deepEqual(windowOf(2592, 1944, resize), { width: 341, height: 255, left: 58, top: 15 });
});

test('every recipe that has a name is one that a manifest may hold', () => {
  for (const [name, recipe] of RECIPES) {
    assert.equal(checkRecipe(recipe, name), recipe);
    assert.match(name, /^[a-z0-9-]+$/, 'so that it is no file name');
  }
});
