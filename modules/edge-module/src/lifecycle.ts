import type { Log } from './log.js';

/** What a started module gives back: how to stop it. */
export interface RunningModule {
  /** Stops admitting, finishes what is in flight, closes; bounded by the caller. */
  stop(): Promise<void>;
  /** A module that ends by itself resolves it; it is then stopped as by a signal. */
  readonly done?: Promise<void>;
}

export interface RunOptions {
  readonly log: Log;
  /** The runtime kills a container 10 s after SIGTERM, so the module must be gone before. Milliseconds, default 8000. */
  readonly stopTimeoutMs?: number;
  /** Injected by tests; the real process by default. */
  readonly host?: ProcessHost;
}

/** The few things of `process` that a life cycle needs. */
export interface ProcessHost {
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  exit(code: number): void;
}

/**
 * Runs a module as a process until SIGTERM or SIGINT, or until it fails.
 *
 * Exit codes: 0 after a graceful stop; 1 when `main` rejects, when something was thrown and not caught, when stopping
 * fails or takes longer than its bound, or on a second signal. Non-zero makes the agent restart the module with
 * back-off.
 *
 * @param main starts the module. Its signal is aborted when the process is asked to stop while still starting.
 */
export function runModule(main: (signal: AbortSignal) => Promise<RunningModule>, options: RunOptions): void {
  const { log } = options;
  const host = options.host ?? (process as ProcessHost);
  const bound = options.stopTimeoutMs ?? 8000;
  const abort = new AbortController();
  let stopping = false;
  let ended = false;

  const exit = (code: number) => {
    if (ended) return;
    ended = true;
    // The device SDK keeps timers and sockets; waiting for an empty event loop could take for ever.
    host.exit(code);
  };
  const crash = (what: string) => (error: unknown) => {
    log.fatal(what, error);
    exit(1);
  };
  host.on('uncaughtException', crash('uncaught exception'));
  host.on('unhandledRejection', crash('unhandled rejection'));

  const started = Promise.resolve().then(() => main(abort.signal));
  const fail = (error: unknown) => {
    if (stopping) return;
    // What keeps a module from starting is mostly a setting, and a stack would hide its text.
    log.fatal(`could not start: ${error instanceof Error ? error.message : String(error)}`);
    log.debug('could not start', error);
    exit(1);
  };

  const stop = (signal: unknown) => {
    if (stopping) {
      log.warning(`${String(signal)} again: leaving at once`);
      exit(1);
      return;
    }
    stopping = true;
    log.info(`${String(signal)}: stopping`);
    const timer = setTimeout(() => {
      log.error(`not stopped within ${bound} ms: leaving`);
      exit(1);
    }, bound);
    abort.abort(new Error(`stopped by ${String(signal)}`));
    started
      // A start that was cut short has nothing left to stop.
      .then(
        (running) => running.stop(),
        () => undefined,
      )
      .then(
        () => {
          log.info('stopped');
          exit(0);
        },
        (error: unknown) => {
          log.error('could not stop cleanly', error);
          exit(1);
        },
      )
      .finally(() => clearTimeout(timer));
  };
  started.then((running) => {
    running.done?.then(() => stopping || stop('finished'), crash('failed while running'));
  }, fail);
  host.on('SIGTERM', () => stop('SIGTERM'));
  host.on('SIGINT', () => stop('SIGINT'));
}
