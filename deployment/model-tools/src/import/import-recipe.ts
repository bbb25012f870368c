import { type Recipe, typeName } from '@edgeslot/scoring/model';
import type { OnnxValue } from './onnx-model.js';

/** A recipe as a person writes it: what is left out is the default; `std` divides after the mean, in R, G, B order. */
export type RecipeFile = Partial<Omit<Recipe, 'resize'>> & {
  readonly resize?: {
    readonly mode?: string;
    readonly shortSide?: number;
    readonly height?: number;
    readonly width?: number;
  };
  readonly std?: readonly number[];
};

export interface ImportRecipe {
  readonly recipe: Recipe;
  /** Factors for R, G, B that the graph is given as its first operator; the manifest's scale is one for all three. */
  readonly factors?: readonly number[];
}

const FIELDS = ['resize', 'interpolation', 'channels', 'mean', 'scale', 'layout', 'std'];
/** As a share of one: the usual preparation of networks trained with PyTorch on ImageNet. */
const TORCH = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
/** TF-slim's, on 0..255. */
const SLIM_MEAN = [123.68, 116.779, 103.939] as const;

/**
 * How pictures are prepared for a graph: its layout and size come from its input, the rest from the file, and what the
 * file leaves out from the habits of the layout: torchvision's for NCHW, TF-slim's for NHWC. A file that gives any of
 * mean, scale and std has given all three: the others then change nothing.
 *
 * Throws RangeError that names field, value and what was expected; the manifest's schema checks the rest.
 */
export function importRecipe(input: OnnxValue, given: RecipeFile = {}): ImportRecipe {
  for (const field of Object.keys(given)) {
    if (!FIELDS.includes(field)) throw new RangeError(`recipe: ${field} is no field; expected ${FIELDS.join(', ')}`);
  }
  const { layout, height, width } = edges(input, given);
  if (given.layout !== undefined && given.layout !== layout) {
    throw new RangeError(`recipe: layout: the input ${input.name} is ${layout}, found ${given.layout}`);
  }
  const resize = resizeTo(height, width, given.resize);
  if (resize.height !== height || resize.width !== width) {
    const found = `${resize.height}x${resize.width}`;
    throw new RangeError(`recipe: resize: the input ${input.name} is ${height}x${width}, found ${found}`);
  }
  checkUnits(given);
  const torch = layout === 'NCHW';
  const values = given.mean !== undefined || given.scale !== undefined || given.std !== undefined;
  const std = given.std ?? (torch && !values ? TORCH.std : undefined);
  const recipe: Recipe = {
    resize,
    interpolation: given.interpolation ?? 'bilinear-legacy',
    channels: given.channels ?? 'RGB',
    mean:
      given.mean ??
      ((values ? [0, 0, 0] : torch ? [0, 1, 2].map((i) => TORCH.mean[i]! * 255) : SLIM_MEAN) as Recipe['mean']),
    scale: given.scale ?? (torch && !values ? 1 / 255 : 1),
    layout,
  };
  if (!std) return { recipe };
  if (!Array.isArray(std) || std.length !== 3 || !std.every((value) => value > 0 && Number.isFinite(value))) {
    throw new RangeError(`recipe: std: expected three numbers above 0, found ${JSON.stringify(std)}`);
  }
  return { recipe, factors: std.map((value) => 1 / value) };
}

/** What a `resize` leaves out, its mode too, is the usual crop at the input's size. */
function resizeTo(height: number, width: number, given: RecipeFile['resize']): Recipe['resize'] {
  if (given !== undefined && (typeof given !== 'object' || given === null)) {
    throw new RangeError(`recipe: resize: expected {"mode": "stretch"} or so, found ${JSON.stringify(given)}`);
  }
  if (given?.mode !== undefined && given.mode !== 'aspect-crop') return { height, width, ...given } as Recipe['resize'];
  const shortSide = Math.round((Math.max(height, width) * 8) / 7);
  return { shortSide, height, width, ...given, mode: 'aspect-crop' };
}

/** PyTorch's figures are shares of one; taken as they are, they would change next to nothing. */
function checkUnits({ mean, std, scale }: RecipeFile): void {
  const shares = (values: unknown) => Array.isArray(values) && values.every((value) => value >= 0 && value < 1);
  if (scale !== undefined || !shares(std) || !shares(mean ?? [])) return;
  throw new RangeError(
    `recipe: std: ${JSON.stringify(std)} is a share of one, but pixels run from 0 to 255: give mean times 255, std as ` +
      'it is, and "scale": 0.00392156862745098; or leave all three out, which means torchvision\'s',
  );
}

function edges({ name, type, shape }: OnnxValue, { resize }: RecipeFile) {
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
      `${found}, which leaves the size open: name it in a recipe, {"resize": {"mode": "aspect-crop", "shortSide": 256, "height": 224, "width": 224}}`,
    );
  }
  return { layout, height, width } as const;
}
