import { FrameRunner } from './frame-runner.js';
import { serveLane } from './serve-lane.js';

serveLane((start) => FrameRunner.open(start), 'inTurn');
