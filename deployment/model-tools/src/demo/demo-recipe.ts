import { createHash } from 'node:crypto';
import { TRAINING_SEEDS } from '@edgeslot/camera/scene';
import { TRAITS } from './traits.js';

/** Raise it when the scene, the network or the training changes in a way that the numbers below do not show. */
const GENERATOR_VERSION = 2;

/** Everything the demo models depend on. */
export interface DemoRecipe {
  readonly weightSeed: number;
  /** First seed and number of the frames to train on; a multiple of 12 is balanced. */
  readonly training: { readonly first: number; readonly count: number };
  /** Frames that training never sees, to measure the accuracy on. */
  readonly unseen: { readonly first: number; readonly count: number };
  /** Below this share of right answers a model is not published. */
  readonly leastAccuracy: number;
}

export const DEMO_RECIPE: DemoRecipe = {
  weightSeed: 1,
  training: { first: TRAINING_SEEDS.first, count: 288 },
  unseen: { first: TRAINING_SEEDS.end / 2, count: 120 },
  leastAccuracy: 0.95,
};

/** A short name of a recipe's content: models whose tag differs are made anew. */
export function recipeKey(recipe: DemoRecipe): string {
  const content = JSON.stringify([GENERATOR_VERSION, recipe, TRAITS.map(({ model, classes }) => [model, classes])]);
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}

export function seedsOf({ first, count }: DemoRecipe['training']): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
