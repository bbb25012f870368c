import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { handleWorkloadCall } from './workload-calls.js';
import { WorkloadError } from './workload-error.js';
import type { WorkloadApiOptions } from './workload-options.js';

export type { WorkloadApiOptions, WorkloadModule } from './workload-options.js';

export interface WorkloadApi {
  close(): Promise<void>;
}

/** As the edge daemon: the 11th connection is closed without a reply. */
const MAX_CONNECTIONS = 10;
const MAX_BODY_BYTES = 256 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
/** `sun_path` of Linux, its end mark included; macOS has 104. */
const MAX_SOCKET_PATH = process.platform === 'darwin' ? 103 : 107;

/** Serves the workload API (edgelet's workloadVersion_2020_07_07) to one module on a unix socket. */
export async function startWorkloadApi(options: WorkloadApiOptions): Promise<WorkloadApi> {
  const { socketPath } = options;
  const bytes = Buffer.byteLength(socketPath);
  if (bytes > MAX_SOCKET_PATH) {
    throw new Error(`socket path ${socketPath} has ${bytes} bytes, a unix socket may have ${MAX_SOCKET_PATH}`);
  }
  await mkdir(dirname(socketPath), { recursive: true, mode: 0o700 });
  await removeStaleSocket(socketPath);
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS });
  server.maxConnections = MAX_CONNECTIONS;
  server.on('request', (request, response) => {
    void answer(request, response, options);
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  await chmod(socketPath, options.socketMode ?? 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, options: WorkloadApiOptions): Promise<void> {
  let status: number;
  let body: unknown;
  try {
    ({ status, body } = await handleWorkloadCall(
      { method: request.method ?? 'GET', url: request.url ?? '/', body: await readBody(request) },
      options,
    ));
  } catch (error) {
    status = error instanceof WorkloadError ? error.status : 500;
    body = { message: (error as Error).message };
  }
  if (response.destroyed) return;
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new WorkloadError(413, `body is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A socket file nobody listens on is left from a crash; one that answers is somebody else's. */
async function removeStaleSocket(path: string): Promise<void> {
  const inUse = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
  if (inUse) throw new Error(`${path} is in use by another process`);
  await rm(path, { force: true });
}
