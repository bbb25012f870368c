import type { OnnxValue } from '@edgeslot/scoring/graph';
import { type Recipe, typeName } from '@edgeslot/scoring/model';
import { completeRecipe, type PictureInput, type RecipeFile } from './recipe-file.js';

/**
 * How pictures are prepared for a graph: its layout and size come from its input, the rest from the file, and what the
 * file leaves out from the habits of the layout: torchvision's for NCHW, TF-slim's for NHWC. A file that gives any of
 * mean, scale and std has given all three: the others then change nothing.
 *
 * Throws RangeError that names field, value and what was expected.
 */
export function importRecipe(value: OnnxValue, given: RecipeFile = {}): Recipe {
  const input = pictureInput(value, given);
  const { layout, height, width } = input;
  if (given.layout !== undefined && given.layout !== layout) {
    throw new RangeError(`recipe: layout: the input ${value.name} is ${layout}, found ${given.layout}`);
  }
  const wanted = { height, width, ...given.resize };
  if (wanted.height !== height || wanted.width !== width) {
    const found = `${wanted.height}x${wanted.width}`;
    throw new RangeError(`recipe: resize: the input ${value.name} is ${height}x${width}, found ${found}`);
  }
  return completeRecipe(given, input);
}

function pictureInput({ name, type, shape }: OnnxValue, { resize }: RecipeFile): PictureInput {
  const found = `the input ${name} is ${type === 1 ? 'float32' : `of type ${typeName(type)}`} [${shape?.join(', ') ?? '?'}]`;
  if (type !== 1 || (shape !== undefined && shape.length !== 4)) {
    throw new RangeError(`${found}; expected one picture tensor, float32 [N, 3, H, W] or [N, H, W, 3]`);
  }
  const layout = shape?.[1] === 3 ? 'NCHW' : shape?.[3] === 3 ? 'NHWC' : undefined;
  if (!layout) throw new RangeError(`${found}; expected 3 channels at place 1 (NCHW) or 3 (NHWC)`);
  const [h, w] = layout === 'NCHW' ? [shape![2]!, shape![3]!] : [shape![1]!, shape![2]!];
  const [height, width] = [h > 0 ? h : resize?.height, w > 0 ? w : resize?.width];
  if (height === undefined || width === undefined) {
    throw new RangeError(
      `${found}, which leaves the size open: name it in a recipe, {"resize": {"mode": "aspect-crop", "height": 224, "width": 224}}`,
    );
  }
  return { layout, height, width };
}
