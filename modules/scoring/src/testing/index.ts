/** For tests of other packages: whole and spoilt packages, pictures, and what explores and upsets the lease. */
export { noLocks } from '../lease/lease.fixture.js';
export { explore } from '../lease/model/explore.js';
export type { Budget } from '../lease/model/world.js';
export { transition } from '../lease/protocol.js';
export { ABUSES } from './abuse-http2.js';
export { writeCardPackage } from './card-package.js';
export { fuzzedPackages } from './fuzzed-packages.js';
export { type GrpcCall, goodCalls } from './grpc-calls.js';
export { fuzzGrpc, type GrpcFuzzOptions, type GrpcTally } from './grpc-fuzz.js';
export { leaseChaos } from './lease-chaos/chaos.js';
export { type FuzzOptions, type FuzzTally, fuzzPackages } from './package-fuzz.js';
export * from './pictures/index.js';
export { Random } from './random.js';
export { type PlantedObject, type SsdPackage, writeSsdPackage } from './ssd-package.js';
export { writeTinyPackage } from './tiny-package.js';
