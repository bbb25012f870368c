import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { DeploymentReply, RuntimeEvent, RuntimeStatus, Twin } from './control-api.js';
import { ControlError } from './control-error.js';
import { EventStreams } from './event-stream.js';

/** What the runtime does for the control API. Each may throw a ControlError. */
export interface ControlHandlers {
  status(): Promise<RuntimeStatus>;
  deploy(manifest: string, source: string): Promise<DeploymentReply>;
  twin(module: string): Twin;
  patchTwin(module: string, desired: unknown): Twin;
  method(
    module: string,
    name: string,
    payload: unknown,
    timeouts: MethodTimeouts,
  ): Promise<{ status: number; payload: unknown }>;
  restart(module: string): Promise<void>;
  sendMessage(message: ControlMessage): void;
  stop(reason: string): void;
}

export interface MethodTimeouts {
  readonly responseTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
}

export interface ControlMessage {
  readonly module: string;
  readonly input: string;
  readonly data: unknown;
  readonly properties: Readonly<Record<string, string>>;
}

export interface ControlServer {
  publish(event: RuntimeEvent): void;
  close(): Promise<void>;
}

type Json = Readonly<Record<string, unknown>>;
const MAX_BODY = 4 * 1024 * 1024;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export async function startControlServer(socketPath: string, handlers: ControlHandlers): Promise<ControlServer> {
  const streams = new EventStreams();
  const server = createServer({ requestTimeout: 30_000 }, (request, response) => {
    handle(request, response, handlers, streams).catch((error: unknown) => answerError(response, error));
  });
  server.maxConnections = 64;
  // The state directory is locked by now, so a socket that is still there is a dead runtime's.
  await rm(socketPath, { force: true });
  await listen(server, socketPath);
  await chmod(socketPath, 0o600);
  return {
    publish: (event) => streams.publish(event),
    close: async () => {
      streams.end();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // What is being answered gets a moment; a listener that never reads does not hold the runtime.
      const hurry = setTimeout(() => server.closeAllConnections(), 500);
      server.closeIdleConnections();
      await closed;
      clearTimeout(hurry);
      await rm(socketPath, { force: true });
    },
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  handlers: ControlHandlers,
  streams: EventStreams,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://control');
  const [version, room, module = '', part, name = '', ...rest] = url.pathname.split('/').slice(1).map(decode);
  const route =
    version === 'v1' && rest.length === 0
      ? `${request.method} ${[room, module && '*', part, name && '*'].filter(Boolean).join('/')}`
      : '';
  switch (route) {
    case 'GET status':
      return answer(response, await handlers.status());
    case 'PUT deployment':
      return answer(
        response,
        await handlers.deploy(await readBody(request), url.searchParams.get('source') ?? 'the control API'),
      );
    case 'GET modules/*/twin':
      return answer(response, handlers.twin(module));
    case 'PATCH modules/*/twin': {
      const body = await readJson(request);
      const desired = isObject(body.properties) ? body.properties.desired : undefined;
      if (!isObject(desired)) throw bad('the body must be {"properties":{"desired":{…}}}');
      return answer(response, handlers.patchTwin(module, desired));
    }
    case 'POST modules/*/methods/*': {
      const body = await readJson(request);
      const timeouts = {
        ...seconds(body, 'responseTimeoutInSeconds', 'responseTimeoutMs'),
        ...seconds(body, 'connectTimeoutInSeconds', 'connectTimeoutMs'),
      };
      return answer(response, await handlers.method(module, name, body.payload ?? null, timeouts));
    }
    case 'POST modules/*/restart':
      await handlers.restart(module);
      return answer(response, {});
    case 'POST messages': {
      const { module: to, input, data, properties = {} } = await readJson(request);
      if (typeof to !== 'string' || typeof input !== 'string')
        throw bad('the body must be {"module","input","data","properties"?}');
      if (!isObject(properties)) throw bad('properties must be an object of strings');
      const strings = Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, String(value)]));
      handlers.sendMessage({ module: to, input, data, properties: strings });
      return answer(response, {});
    }
    case 'GET events':
      return streams.add(response, {
        time: new Date().toISOString(),
        type: 'snapshot',
        status: await handlers.status(),
      });
    case 'POST stop':
      answer(response, {});
      handlers.stop('asked over the control API');
      return;
    default:
      throw new ControlError(404, 'NOT_FOUND', `${request.method} ${url.pathname} is not part of the control API`);
  }
}

function seconds(body: Json, from: string, to: keyof MethodTimeouts): MethodTimeouts {
  const value = body[from];
  if (value === undefined || value === null) return {};
  if (typeof value !== 'number' || !(value >= 0 && value <= 300))
    throw bad(`${from} is ${JSON.stringify(value)}, expected 0 to 300`);
  return { [to]: value * 1000 };
}

function answer(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function answerError(response: ServerResponse, error: unknown): void {
  const { httpStatus, code } = error instanceof ControlError ? error : { httpStatus: 500, code: 'INTERNAL' };
  const message = error instanceof Error ? error.message : String(error);
  if (response.headersSent) response.destroy();
  else answer(response, { error: { code, message } }, httpStatus);
}

function bad(message: string): ControlError {
  return new ControlError(400, 'BAD_REQUEST', message);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw bad(`${part} is not percent-encoded text`);
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new ControlError(413, 'TOO_LARGE', `the body is over ${MAX_BODY} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function readJson(request: IncomingMessage): Promise<Json> {
  const text = await readBody(request);
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw bad(`the body is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(value)) throw bad('the body must be a JSON object');
  return value;
}

function listen(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
