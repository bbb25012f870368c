import { attachCard } from '@edgeslot/native';
import { cardFeaturizer } from './card-featurizer.js';
import type { CardLaneStart } from './card-lane-start.js';
import { FrameRunner } from './frame-runner.js';
import { serveLane } from './serve-lane.js';

// Frames overlap: while the card computes one, this thread decodes the next.
serveLane<CardLaneStart>((start) => FrameRunner.open(start, () => cardFeaturizer(start, attachCard)), 'overlapping');
