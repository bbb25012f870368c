import { checkRecipe, RECIPES, type Recipe, ScoringError } from '@edgeslot/scoring/model';

/**
 * A recipe as a person writes it: what is left out is that of the recipe it is `like`, or else of the layout's habit.
 * `std` divides after mean and scale, in R, G, B order.
 */
export type RecipeFile = Partial<Omit<Recipe, 'resize'>> & {
  /** The name of a recipe. */
  readonly like?: string;
  readonly resize?: Partial<Recipe['resize']>;
  readonly std?: readonly number[];
};

/** What a graph says of its input, sides in pixels. */
export interface PictureInput {
  readonly layout: Recipe['layout'];
  readonly height: number;
  readonly width: number;
}

const FIELDS = ['like', 'resize', 'interpolation', 'channels', 'mean', 'scale', 'std', 'layout'];

/** The recipe that networks of a layout usually want: PyTorch exports NCHW, TensorFlow NHWC. */
export function habitOf(layout: Recipe['layout'] | undefined): string {
  return layout === 'NCHW' ? 'torchvision' : 'original-vgg';
}

/**
 * The whole recipe of a file; layout and size are the graph's where there is one.
 *
 * Throws RangeError that names field, value and what was expected.
 */
export function completeRecipe(given: RecipeFile, input?: PictureInput): Recipe {
  for (const [field, value] of Object.entries(given)) {
    if (!FIELDS.includes(field)) throw new RangeError(`recipe: ${field} is no field; expected ${FIELDS.join(', ')}`);
    if (value === null) throw new RangeError(`recipe: ${field}: expected a value, or the field left out, found null`);
  }
  const base = baseOf(given, input);
  const recipe = {
    resize: resizeOf(given.resize ?? {}, base.resize, input),
    interpolation: given.interpolation ?? base.interpolation,
    channels: given.channels ?? base.channels,
    ...numbersOf(given, base),
    layout: input?.layout ?? given.layout ?? base.layout,
  };
  try {
    return checkRecipe(recipe, 'recipe');
  } catch (error) {
    throw error instanceof ScoringError ? new RangeError(error.message, { cause: error }) : error;
  }
}

function baseOf({ like, layout }: RecipeFile, input: PictureInput | undefined): Recipe {
  const base = RECIPES.get(like ?? habitOf(input?.layout ?? layout));
  if (base) return base;
  throw new RangeError(
    `recipe: like: expected one of ${[...RECIPES.keys()].join(', ')}, found ${JSON.stringify(like)}`,
  );
}

/** A field that is none is passed on, for the schema to refuse it. */
function resizeOf(given: Partial<Recipe['resize']>, base: Recipe['resize'], input: PictureInput | undefined) {
  if (typeof given !== 'object' || Array.isArray(given)) return given;
  const { height, width } = input ?? { ...base, ...given };
  const mode = given.mode ?? base.mode;
  const size = { ...given, mode, height, width };
  if (mode === 'stretch') return size;
  const usual = base.mode === 'aspect-crop' ? base : { shortSide: 256, height: 224 };
  const { rounding } = 'rounding' in usual ? usual : {};
  // Of 224, 256.
  const shortSide = Math.round((Math.max(height, width) * usual.shortSide) / usual.height);
  return { shortSide, ...(rounding !== undefined && { rounding }), ...size };
}

/** Who gives any of the numbers gives them all, unless they change those of a recipe they name. */
function numbersOf(given: RecipeFile, base: Recipe) {
  checkUnits(given);
  const { like, mean, scale, std } = given;
  const own = like === undefined && (mean !== undefined || scale !== undefined || std !== undefined);
  const rest = own ? ({ mean: [0, 0, 0], scale: 1 } as const) : base;
  if (std === undefined) return { mean: mean ?? rest.mean, scale: scale ?? rest.scale };
  if (!Array.isArray(std) || std.length !== 3 || !std.every((value) => value > 0 && Number.isFinite(value))) {
    throw new RangeError(`recipe: std: expected three numbers above 0, found ${JSON.stringify(std)}`);
  }
  const before = scale ?? 1;
  const divided = std.map((value, channel) => (typeof before === 'number' ? before : before[channel]!) / value);
  return { mean: mean ?? rest.mean, scale: divided };
}

/** PyTorch's figures are shares of one; taken as they are, they would change next to nothing. */
function checkUnits({ mean, scale, std }: RecipeFile): void {
  const shares = (values: unknown) => Array.isArray(values) && values.every((value) => value >= 0 && value < 1);
  if (scale !== undefined || !shares(std) || !shares(mean ?? [])) return;
  throw new RangeError(
    `recipe: std: ${JSON.stringify(std)} is a share of one, but pixels run from 0 to 255: give mean times 255, std as ` +
      'it is, and "scale": 0.00392156862745098; or leave all three out, which means torchvision\'s',
  );
}
