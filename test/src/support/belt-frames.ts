import { sceneFrame } from '@edgeslot/camera/scene';

/** Which demo model judges which trait of the synthetic belt. */
export const TRAIT = {
  'belt-object': (seed: number): string => sceneFrame(seed).object,
  'belt-colour': (seed: number): string => sceneFrame(seed).colour,
} as const;

export type DemoModel = keyof typeof TRAIT;

/** The share of frames whose answer is the frame's true class, which its seed tells. */
export function accuracy(model: DemoModel, answers: readonly { seed: number; label: string }[]): number {
  const right = answers.filter(({ seed, label }) => TRAIT[model](seed) === label).length;
  return answers.length === 0 ? 0 : right / answers.length;
}
