/** For tests of other packages: one for a card, and packages that are spoilt in every way with what must come of it. */
export { writeCardPackage } from './card-package.js';
export { fuzzedPackages } from './fuzzed-packages.js';
export { type FuzzOptions, type FuzzTally, fuzzPackages } from './package-fuzz.js';
export * from './pictures/index.js';
export { Random } from './random.js';
export { type PlantedObject, type SsdPackage, writeSsdPackage } from './ssd-package.js';
export { writeTinyPackage } from './tiny-package.js';
