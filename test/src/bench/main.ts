import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BurstRules, compareBursts, runCalls } from './compare.js';
import { readMachine } from './machine.js';
import { type BenchOptions, readOptions, USAGE } from './options.js';
import { othersShare, readLoad } from './other-load.js';
import { type BenchReport, reportJson, reportLines } from './report.js';
import type { BenchContext, Row, RowResult } from './row.js';
import { ROWS } from './rows.js';

/** Of one core, by other processes. */
const MOST_OTHERS = 0.3;

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error('interrupted')));

try {
  const options = readOptions(
    process.argv.slice(2),
    ROWS.map(({ name }) => name),
  );
  if (options.help) console.log([USAGE, ...ROWS.map(({ name }) => `  ${name}`)].join('\n'));
  else await bench(options);
} catch (error) {
  console.error(`edgeslot: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function bench({ only, rounds, json }: BenchOptions): Promise<void> {
  const rules = (subjects: number, helpers: readonly number[] = []): BurstRules => ({
    rounds,
    mostOthers: MOST_OTHERS,
    budget: rounds * subjects,
    run: async (subject, burstMs) => {
      stop.signal.throwIfAborted();
      const before = readLoad(helpers);
      const ms = await runCalls(subject, burstMs);
      const after = readLoad(helpers);
      return { ms, others: before && after && othersShare(before, after) };
    },
  });
  const date = new Date().toISOString();
  const machine = readMachine();
  const start = performance.now();
  const rows: { name: string; result: RowResult }[] = [];
  for (const row of ROWS) {
    if (only.length > 0 && !only.includes(row.name)) continue;
    const compare: BenchContext['compare'] = (options) =>
      compareBursts(options, rules(Object.keys(options.subjects).length, options.helpers));
    rows.push({ name: row.name, result: await measure(row, compare) });
  }
  const report: BenchReport = { date, machine, rounds, tookMs: performance.now() - start, rows };
  for (const line of reportLines(report)) console.log(line);
  if (json !== undefined) await writeFile(json, reportJson(report));
}

/** A row that fails is not measured; the others go on, and the exit code tells. */
async function measure({ name, measure }: Row, compare: BenchContext['compare']): Promise<RowResult> {
  const folder = await mkdtemp(join(tmpdir(), 'edgeslot-bench-'));
  const say = (text: string) => console.error(`edgeslot: ${name}: ${text}`);
  try {
    return await measure({ compare, folder, signal: stop.signal, say });
  } catch (error) {
    stop.signal.throwIfAborted();
    process.exitCode = 1;
    return { notMeasured: `it failed: ${error instanceof Error ? error.message : String(error)}` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
