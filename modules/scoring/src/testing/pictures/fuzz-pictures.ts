import { fork } from 'node:child_process';
import { once } from 'node:events';

export interface FuzzOrder {
  readonly seed: number;
  readonly cases: number;
}

export interface FuzzReport {
  done: number;
  decoded: number;
  /** How often each code refused. */
  readonly refused: Record<string, number>;
  /** Resident memory in bytes. */
  readonly rss: number;
}

/** A process that tells nothing for this long hangs. */
const SILENCE_MS = 120_000;

/**
 * Decodes spoilt pictures in a process of its own and returns its reports, one for every hundred cases.
 *
 * @throws Error when the process crashed, fell silent, or met what is neither a picture nor a refusal; it names the case,
 * or the hundred that it is in
 */
export async function fuzzPictures(order: FuzzOrder): Promise<FuzzReport[]> {
  const child = fork(new URL('./fuzz-child.js', import.meta.url), {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: ['--expose-gc'],
  });
  const reports: FuzzReport[] = [];
  let errors = '';
  let silent = false;
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-8000);
  });
  const silence = setTimeout(() => {
    silent = true;
    child.kill('SIGKILL');
  }, SILENCE_MS);
  child.on('message', (report: FuzzReport) => {
    reports.push(report);
    silence.refresh();
  });
  child.send(order);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(silence);
  if (code === 0) return reports;
  const how = silent ? `fell silent for ${SILENCE_MS} ms` : `ended with ${signal ?? `code ${code}`}`;
  throw new Error(
    `the decoding process ${how} after ${reports.at(-1)?.done ?? 0} cases of seed ${order.seed}\n${errors}`,
  );
}
