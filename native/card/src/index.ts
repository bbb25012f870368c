export { buildCard } from './build-card.js';
export { whyNotHere } from './can-run.js';
export { type CardStatus, cardFault, cardStatus } from './card-control.js';
export { CardError } from './card-error.js';
export { type CardWitness, cardWitness, type WitnessEntry } from './card-witness.js';
export { floatToHalf, halfToFloat } from './half.js';
export {
  DEFAULT_BYTES_PER_SLOT,
  DEFAULT_DIRECTORY,
  DEFAULT_SLOTS,
  type StartedCard,
  type StartOptions,
  startCard,
} from './start-card.js';
export { stopCard } from './stop-card.js';
