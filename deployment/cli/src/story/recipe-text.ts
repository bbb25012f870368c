import { RECIPES, type Recipe } from '@edgeslot/scoring/model';

/** How pictures are prepared, on two lines: which pixels, and what becomes of their values. */
export function recipeText(recipe: Recipe): readonly [pixels: string, values: string] {
  const { resize, interpolation, channels, layout, mean, scale } = recipe;
  const size = `${resize.height}x${resize.width}`;
  const pixels =
    resize.mode === 'stretch'
      ? `all of it to ${size}`
      : `short side to ${resize.shortSide}, the middle ${size}${resize.rounding === 'torchvision' ? ', rounded as torchvision does' : ''}`;
  const name = nameOf(recipe);
  return [
    `${pixels}, ${interpolation}, ${channels}, ${layout}${name === undefined ? '' : ` (${name})`}`,
    `(pixel - ${list(mean)}) * ${typeof scale === 'number' ? short(scale) : list(scale)}`,
  ];
}

/** The recipe of that name, where it is one that has a name. */
function nameOf(recipe: Recipe): string | undefined {
  const key = keyOf(recipe);
  for (const [name, known] of RECIPES) if (keyOf(known) === key) return name;
  return undefined;
}

function keyOf({ resize, interpolation, channels, mean, scale, layout }: Recipe): string {
  return JSON.stringify([Object.entries(resize).sort(), interpolation, channels, mean, scale, layout]);
}

function list(values: readonly number[]): string {
  return `[${values.map(short).join(', ')}]`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}
