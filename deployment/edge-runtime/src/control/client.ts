import { type IncomingMessage, request } from 'node:http';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { exists } from '../storage/exists.js';
import type { DeploymentReply, RuntimeEvent, RuntimeStatus, Twin } from './control-api.js';
import { ControlError, NoRuntimeError } from './control-error.js';
import { findRuntime } from './state-lock.js';

export { ControlError, NoRuntimeError } from './control-error.js';
export { listRuntimes } from './list-runtimes.js';
export { markOf, type ProcessMark, stillLives } from './process-life.js';
export { findRuntime, RUN_DIR_PREFIX, type RunningRuntime, runDirOf } from './state-lock.js';

export interface ControlClient {
  readonly socketPath: string;
  status(): Promise<RuntimeStatus>;
  /** A refused manifest is a reply with `status.code` 400, 412 or 417, not an exception. */
  deploy(manifest: string | Readonly<Record<string, unknown>>, source?: string): Promise<DeploymentReply>;
  twin(module: string): Promise<Twin>;
  /** JSON merge patch on the desired properties. */
  patchTwin(module: string, desired: Readonly<Record<string, unknown>>): Promise<Twin>;
  method(
    module: string,
    name: string,
    payload?: unknown,
    timeouts?: { readonly responseTimeoutInSeconds?: number; readonly connectTimeoutInSeconds?: number },
  ): Promise<{ readonly status: number; readonly payload: unknown }>;
  restart(module: string): Promise<void>;
  sendMessage(message: {
    readonly module: string;
    readonly input: string;
    readonly data: unknown;
    readonly properties?: Readonly<Record<string, string>>;
  }): Promise<void>;
  /** From one `snapshot` on, until the signal aborts or the runtime ends. */
  events(signal?: AbortSignal): AsyncIterable<RuntimeEvent>;
  /** Resolves when the runtime has taken the order; wait for `gone()` to know that it ended. */
  stop(): Promise<void>;
  /** Resolves true when no runtime runs there any more, false after `timeoutMs`. */
  gone(timeoutMs: number): Promise<boolean>;
}

const CALL_TIMEOUT_MS = 30_000;
const POLL_MS = 100;
/** How long a runtime may take from its lock to its control API. */
const START_MS = 15_000;

/** Throws NoRuntimeError when no runtime runs on this state directory; a refusal is a ControlError with its `code`. */
export async function connectControl(stateDir: string): Promise<ControlClient> {
  const directory = path.resolve(stateDir);
  const runtime = await findRuntime(directory);
  if (runtime === undefined) throw new NoRuntimeError(directory);
  const { socketPath } = runtime;
  await opened(socketPath, directory);
  const call = <T>(method: string, url: string, body?: unknown, timeoutMs = CALL_TIMEOUT_MS): Promise<T> =>
    send<T>(
      socketPath,
      directory,
      method,
      url,
      body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
      timeoutMs,
    );
  const at = (module: string, rest: string) => `/v1/modules/${encodeURIComponent(module)}/${rest}`;
  return {
    socketPath,
    status: () => call('GET', '/v1/status'),
    deploy: (manifest, source) =>
      call('PUT', `/v1/deployment${source === undefined ? '' : `?source=${encodeURIComponent(source)}`}`, manifest),
    twin: (module) => call('GET', at(module, 'twin')),
    patchTwin: (module, desired) => call('PATCH', at(module, 'twin'), { properties: { desired } }),
    method: (module, name, payload = null, timeouts = {}) => {
      const { responseTimeoutInSeconds = 30, connectTimeoutInSeconds = 0 } = timeouts;
      const allowed = (responseTimeoutInSeconds + connectTimeoutInSeconds) * 1000 + 10_000;
      return call('POST', at(module, `methods/${encodeURIComponent(name)}`), { payload, ...timeouts }, allowed);
    },
    restart: async (module) => {
      // A stop may take as long as the module's own StopTimeout.
      await call('POST', at(module, 'restart'), {}, 120_000);
    },
    sendMessage: async (message) => {
      await call('POST', '/v1/messages', message);
    },
    events: (signal) => readEvents(socketPath, directory, signal),
    stop: async () => {
      await call('POST', '/v1/stop', {});
    },
    gone: async (timeoutMs) => {
      const end = Date.now() + timeoutMs;
      while ((await findRuntime(directory)) !== undefined) {
        if (Date.now() >= end) return false;
        await delay(POLL_MS);
      }
      return true;
    },
  };
}

/** A runtime that just starts holds its state directory before it listens. */
async function opened(socketPath: string, stateDir: string): Promise<void> {
  const end = Date.now() + START_MS;
  while (!(await exists(socketPath)) && Date.now() < end) {
    if ((await findRuntime(stateDir)) === undefined) throw new NoRuntimeError(stateDir);
    await delay(POLL_MS);
  }
}

async function send<T>(
  socketPath: string,
  stateDir: string,
  method: string,
  url: string,
  body: string | undefined,
  timeoutMs: number,
): Promise<T> {
  const response = await open(socketPath, stateDir, method, url, body, AbortSignal.timeout(timeoutMs));
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const status = response.statusCode ?? 500;
  const value = JSON.parse(text) as T & { error?: { code?: string; message?: string } };
  if (status >= 400) throw new ControlError(status, value.error?.code ?? 'UNKNOWN', value.error?.message ?? text);
  return value;
}

async function* readEvents(socketPath: string, stateDir: string, signal?: AbortSignal): AsyncGenerator<RuntimeEvent> {
  try {
    const response = await open(socketPath, stateDir, 'GET', '/v1/events', undefined, signal);
    response.setEncoding('utf8');
    let rest = '';
    for await (const chunk of response as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as RuntimeEvent;
    }
  } catch (error) {
    // An end that was asked for, and a runtime that died, both end the iteration.
    if (signal?.aborted || (error as NodeJS.ErrnoException).code === 'ECONNRESET') return;
    throw error;
  }
}

function open(
  socketPath: string,
  stateDir: string,
  method: string,
  url: string,
  body?: string,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        socketPath,
        method,
        path: url,
        agent: false,
        ...(signal === undefined ? {} : { signal }),
        headers: { 'content-type': 'application/json' },
      },
      resolve,
    );
    outgoing.once('error', (error: NodeJS.ErrnoException) => {
      const absent = error.code === 'ECONNREFUSED' || error.code === 'ENOENT';
      reject(absent ? new NoRuntimeError(stateDir) : error);
    });
    outgoing.end(body);
  });
}
