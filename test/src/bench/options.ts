import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Names of rows; all when empty. */
  readonly only: readonly string[];
  readonly rounds: number;
  readonly json: string | undefined;
  readonly help: boolean;
}

const ROUNDS = 15;
const MOST_ROUNDS = 1000;

export const USAGE = `Usage: npm run bench -- [options]

  --only NAME     this row only; may be given more than once
  --rounds N      interleaved rounds, 3 to ${MOST_ROUNDS} (${ROUNDS})
  --json FILE     writes the table as JSON too
  --help          show this

Rows:`;

/** Throws RangeError that names the option, its value and what was expected. */
export function readOptions(argv: readonly string[], rows: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string', default: String(ROUNDS) },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const unknown = values.only.find((name) => !rows.includes(name));
  if (unknown !== undefined) throw new RangeError(`--only ${unknown}: expected one of ${rows.join(', ')}`);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 3 || rounds > MOST_ROUNDS) {
    throw new RangeError(`--rounds ${values.rounds}: expected a whole number from 3 to ${MOST_ROUNDS}`);
  }
  return { only: values.only, rounds, json: values.json, help: values.help };
}
