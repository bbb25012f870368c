import type { Row } from './row.js';
import { binding } from './rows/binding.js';
import { detect } from './rows/detect.js';
import { numerics } from './rows/numerics.js';
import { preprocess } from './rows/preprocess.js';
import { swap } from './rows/swap.js';
import { swapCard } from './rows/swap-card.js';

/** The table, from top to bottom. */
export const ROWS: readonly Row[] = [preprocess, detect, numerics, swap, swapCard, binding];
