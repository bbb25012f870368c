import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RECIPES } from '@edgeslot/scoring/model';
import { completeRecipe, type RecipeFile } from './recipe-file.js';

const NCHW = { layout: 'NCHW', height: 224, width: 224 } as const;

test('every named recipe is whole, and is itself when nothing is changed', () => {
  for (const [like, recipe] of RECIPES) assert.deepEqual(completeRecipe({ like }), recipe, like);
});

test('the numbers of torchvision are (x / 255 - mean) / std', () => {
  const { mean, scale } = completeRecipe({ like: 'torchvision' });
  for (const [channel, [m, s]] of [
    [0.485, 0.229],
    [0.456, 0.224],
    [0.406, 0.225],
  ].entries()) {
    for (const x of [0, 100, 255]) {
      const found = (x - mean[channel]!) * (scale as readonly number[])[channel]!;
      assert.ok(Math.abs(found - (x / 255 - m!) / s!) < 1e-12);
    }
  }
});

test('a file that says nothing follows the habit of the layout', () => {
  assert.deepEqual(completeRecipe({}), RECIPES.get('original-vgg'));
  assert.deepEqual(completeRecipe({ layout: 'NCHW' }), RECIPES.get('torchvision'));
  assert.deepEqual(completeRecipe({}, NCHW), RECIPES.get('torchvision'));
});

test('size and layout are the graph’s, and the short side keeps its proportion', () => {
  const { resize, layout } = completeRecipe({ like: 'original-resnet' }, { ...NCHW, height: 448, width: 448 });
  assert.deepEqual([resize, layout], [{ mode: 'aspect-crop', shortSide: 512, height: 448, width: 448 }, 'NCHW']);
  const stretched = completeRecipe({ like: 'torchvision', resize: { mode: 'stretch' } }, NCHW).resize;
  assert.deepEqual(stretched, { mode: 'stretch', height: 224, width: 224 });
  const changed = completeRecipe({ like: 'torchvision', resize: { shortSide: 232 } }).resize;
  assert.deepEqual(changed, { mode: 'aspect-crop', shortSide: 232, height: 224, width: 224, rounding: 'torchvision' });
});

test('own numbers replace all of them, or only some of a recipe that is named', () => {
  const own = completeRecipe({ layout: 'NCHW', scale: 0.5, std: [1, 2, 4] });
  assert.deepEqual(
    [own.mean, own.scale],
    [
      [0, 0, 0],
      [0.5, 0.25, 0.125],
    ],
  );
  const some = completeRecipe({ like: 'original-vgg', scale: [1, 2, 3] });
  assert.deepEqual(
    [some.mean, some.scale],
    [
      [123.68, 116.779, 103.939],
      [1, 2, 3],
    ],
  );
});

const refused: [string, unknown, RegExp][] = [
  ['a field that is none', { stdev: [1, 1, 1] }, /stdev is no field; expected like, resize/],
  [
    'a name that is none',
    { like: 'pytorch' },
    /like: expected one of original-resnet, .*torchvision.*, found "pytorch"/,
  ],
  ['a deviation of zero', { std: [1, 0, 1] }, /std: expected three numbers above 0, found \[1,0,1\]/],
  ['two means', { mean: [1, 2] }, /recipe: mean: must NOT have fewer than 3 items, found \[1,2\]/],
  ['a negative scale', { scale: -1 }, /recipe: scale: must be >= 1e-12, found -1/],
  ['a negative scale of one channel', { scale: [1, -1, 1] }, /recipe: scale\.1: must be >= 1e-12, found -1/],
  ['a scale that is a text', { scale: '1/255' }, /recipe: scale: must be number,array, found "1\/255"/],
  [
    'another interpolation',
    { interpolation: 'cubic' },
    /interpolation: must be equal .*"bilinear-antialias"\], found "cubic"/,
  ],
  ['a field of resize that is none', { resize: { side: 3 } }, /resize\.side: is not a field/],
  ['a resize that is a number', { resize: 224 }, /recipe: resize: must be object, found 224/],
  ['a resize that is null', { resize: null }, /recipe: resize: expected a value.* found null/],
  [
    'a crop larger than the short side',
    { resize: { shortSide: 100 } },
    /resize: expected a crop within the short side of 100, found 224x224/,
  ],
];
for (const [what, given, expected] of refused) {
  test(`${what} is refused`, () => {
    assert.throws(
      () => completeRecipe(given as RecipeFile),
      (error: Error) => {
        assert.equal(error.name, 'RangeError', error.stack);
        assert.match(error.message, expected);
        return true;
      },
    );
  });
}
