/** For tests of other packages: maps as networks answer them, and what must be found in them. */
export { emptyMaps, filledMaps, plantedMaps, randomNumbers } from './maps.js';
export { slowDetect } from './slow-detect.js';
