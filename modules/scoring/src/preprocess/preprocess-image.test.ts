import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { RECIPES } from '../model/named-recipes.js';
import { preprocessImage } from './preprocess-image.js';

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 10, g: 20, b: 30 } } })
    .png()
    .toBuffer();

test('a picture of one colour: means, scale, order and layout of each recipe', async () => {
  const bytes = await picture(90, 70);
  const first = async (name: string) => {
    const { tensor, height, width } = await preprocessImage(bytes, RECIPES.get(name)!);
    const pixel = RECIPES.get(name)!.layout === 'NHWC' ? [0, 1, 2] : [0, height * width, 2 * height * width];
    return pixel.map((at) => Number(tensor[at]!.toFixed(4)));
  };
  assert.deepEqual(await first('original-resnet'), [-73.939, -96.779, -113.68]);
  assert.deepEqual(await first('original-resnet-rgb'), [-113.68, -96.779, -73.939]);
  assert.deepEqual(await first('original-densenet'), [-1.9326, -1.6452, -1.257]);
  assert.deepEqual(await first('original-ssd'), [-113.68, -96.779, -73.939]);
  assert.deepEqual(await first('torchvision'), [-1.9467, -1.6856, -1.2816]);
  assert.deepEqual(await first('keras-tf'), [-0.9216, -0.8431, -0.7647]);
});

test('a picture that becomes smaller than the crop is refused, and says what became of it', async () => {
  const recipe = RECIPES.get('original-vgg')!;
  const resize = { mode: 'aspect-crop', shortSide: 256, height: 256, width: 256 } as const;
  await assert.rejects(preprocessImage(await picture(640, 427), { ...recipe, resize }), {
    code: 'IMAGE_CROP',
    message:
      'image: Crop size greater than the image size: a crop of 256x256 from 383x255, which is what the model makes of 640x427 pixels',
  });
});
