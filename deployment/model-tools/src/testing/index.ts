/** For tests of other packages. */
export { killRounds } from './kill-rounds.js';
export { type TinyNetworkOptions, tinyNetwork } from './tiny-network.js';
