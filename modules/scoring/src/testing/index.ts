/** For the tests of the whole: packages that are spoilt in every way, and what must come of it. */
export { fuzzedPackages } from './fuzzed-packages.js';
export { type FuzzOptions, type FuzzTally, fuzzPackages } from './package-fuzz.js';
export * from './pictures/index.js';
export { Random } from './random.js';
export { type PlantedObject, type SsdPackage, writeSsdPackage } from './ssd-package.js';
