import { between, mix32, type Random, seededRandom, shuffle } from './random.js';

/** What lies in front of the camera, in the order of the demo model `belt-object`'s classes. */
export const OBJECTS = ['empty belt', 'bottle standing', 'bottle fallen', 'carton'] as const;
/** Its colour, in the order of the demo model `belt-colour`'s classes; `none` when the belt is empty and only then. */
export const COLOURS = ['none', 'red', 'green', 'blue'] as const;

export type SceneObject = (typeof OBJECTS)[number];
export type SceneColour = (typeof COLOURS)[number];

/** Seeds from here on belong to cameras; models are trained on smaller ones only, so no camera shows a training frame. */
export const FIRST_CAMERA_SEED = 1_000_000;
/** Seeds that models may be trained and measured on: `first` up to, not including, `end`. */
export const TRAINING_SEEDS = { first: 0, end: FIRST_CAMERA_SEED } as const;

export const FRAME_WIDTH = 640;
export const FRAME_HEIGHT = 480;

/** One picture of the belt, fully described; lengths in pixels, angles in degrees. */
export interface SceneFrame {
  readonly seed: number;
  readonly object: SceneObject;
  readonly colour: SceneColour;
  /** Where the object touches the belt. */
  readonly x: number;
  readonly y: number;
  /** Size against the drawing's own, perspective included. */
  readonly size: number;
  /** Clockwise from upright; a fallen bottle is near ±90. */
  readonly tilt: number;
  readonly tint: { readonly hue: number; readonly saturation: number; readonly lightness: number };
  /** Horizontal place of the lamp, 0 left to 1 right. */
  readonly light: number;
  /** Exposure: 1 is normal. */
  readonly brightness: number;
  /** Standard deviation of the sensor's noise in grey levels. */
  readonly noise: number;
  /** How far the belt has moved, 0 to 1 of the distance between two rollers. */
  readonly travel: number;
  /** Seed of what only decorates: dirt, scratches, the wall. */
  readonly clutter: number;
}

type Kind = readonly [SceneObject, SceneColour];

/** Every object with every colour it can have; the empty belt counts three times so that all classes are equally many. */
const KINDS: readonly Kind[] = OBJECTS.flatMap((object) =>
  COLOURS.slice(1).map((colour): Kind => [object, object === 'empty belt' ? 'none' : colour]),
);

const HUE: Readonly<Record<SceneColour, number>> = { none: 0, red: 358, green: 135, blue: 216 };

/**
 * The frame of a seed, always the same. `seed` is an integer from 0 to 2^32 - 1.
 *
 * Twelve seeds in a row (from a multiple of twelve) hold each of the twelve kinds once, in shuffled order, so any run
 * of frames is balanced in both traits without being predictable.
 */
export function sceneFrame(seed: number): SceneFrame {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff) {
    throw new RangeError(`seed: expected an integer from 0 to 4294967295, got ${seed}`);
  }
  const block = Math.floor(seed / KINDS.length);
  const order = shuffle([...KINDS], seededRandom(mix32(block) ^ 0x5eed));
  const [object, colour] = order[seed % KINDS.length]!;
  const random = seededRandom(mix32(seed) ^ 0xb317);
  const y = between(random, 296, 362);
  return {
    seed,
    object,
    colour,
    x: between(random, 225, 415),
    y,
    size: between(random, 0.88, 1.1) * (0.7 + (0.3 * y) / 330),
    tilt: tiltOf(object, random),
    tint: {
      hue: HUE[colour] + between(random, -9, 9),
      saturation: between(random, 58, 82),
      lightness: between(random, 37, 48),
    },
    light: between(random, 0.2, 0.8),
    brightness: between(random, 0.82, 1.14),
    noise: between(random, 1.5, 4.5),
    travel: random(),
    clutter: Math.floor(random() * 0xffff_ffff),
  };
}

function tiltOf(object: SceneObject, random: Random): number {
  const side = random() < 0.5 ? -1 : 1;
  const amount = random();
  if (object === 'bottle fallen') return side * (80 + amount * 17);
  return object === 'bottle standing' ? side * amount * 4 : side * amount;
}
