/** For tests of other packages. */
export { channelsLast, writeCardPart } from './card-part.js';
export { killRounds } from './kill-rounds.js';
export { type TinyNetworkOptions, tinyNetwork } from './tiny-network.js';
