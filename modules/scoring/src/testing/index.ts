/** For tests of other packages: one for a card, and packages that are spoilt in every way with what must come of it. */
export { ABUSES } from './abuse-http2.js';
export { writeCardPackage } from './card-package.js';
export { fuzzedPackages } from './fuzzed-packages.js';
export { type GrpcCall, goodCalls } from './grpc-calls.js';
export { fuzzGrpc, type GrpcFuzzOptions, type GrpcTally } from './grpc-fuzz.js';
export { type FuzzOptions, type FuzzTally, fuzzPackages } from './package-fuzz.js';
export * from './pictures/index.js';
export { Random } from './random.js';
export { type PlantedObject, type SsdPackage, writeSsdPackage } from './ssd-package.js';
