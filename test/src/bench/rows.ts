import type { Row } from './row.js';
import { binding } from './rows/binding.js';
import { detect } from './rows/detect.js';
import { numerics } from './rows/numerics.js';
import { preprocess } from './rows/preprocess.js';

/** The table, from top to bottom. */
export const ROWS: readonly Row[] = [preprocess, detect, numerics, binding];
