/** For tests of other packages: whole and spoilt packages, pictures, and what explores and upsets the lease. */
export { noLocks } from '../lease/lease.fixture.js';
export { explore } from '../lease/model/explore.js';
export type { Budget } from '../lease/model/world.js';
export { transition } from '../lease/protocol.js';
export { writeCardPackage } from './card-package.js';
export { fuzzedPackages } from './fuzzed-packages.js';
export { leaseChaos } from './lease-chaos/chaos.js';
export { type FuzzOptions, type FuzzTally, fuzzPackages } from './package-fuzz.js';
export * from './pictures/index.js';
export { Random } from './random.js';
export { type PlantedObject, type SsdPackage, writeSsdPackage } from './ssd-package.js';
export { writeTinyPackage } from './tiny-package.js';
