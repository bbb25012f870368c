import { COLOURS, OBJECTS, type SceneFrame } from '@edgeslot/camera/scene';

/** What one demo model judges of a frame. */
export interface Trait {
  readonly model: string;
  readonly description: string;
  readonly classes: readonly string[];
  /** The true class of a frame, an index into `classes`. */
  readonly label: (frame: SceneFrame) => number;
}

export const TRAITS: readonly Trait[] = [
  {
    model: 'belt-object',
    description: 'Demo weights: what lies on the synthetic belt',
    classes: OBJECTS,
    label: (frame) => OBJECTS.indexOf(frame.object),
  },
  {
    model: 'belt-colour',
    description: 'Demo weights: the colour of what lies on the synthetic belt',
    classes: COLOURS,
    label: (frame) => COLOURS.indexOf(frame.colour),
  },
];
