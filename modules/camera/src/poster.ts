import { randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';
import type { Picture } from './source/frame-source.js';

/** Frames that may be on their way at a time. A scoring server keeps one frame per camera, so a second replaces the first. */
export const MAX_IN_FLIGHT = 1;

/** Longest time that a server may ask us to wait, in milliseconds. */
const MAX_WAIT = 60_000;

/** Largest reply that is read, in bytes. */
const MAX_REPLY = 1024 * 1024;

export interface BestInference {
  readonly label: string;
  readonly confidence: number;
  readonly model?: string;
  /** How many objects a detector saw, this one among them; absent of a classifier. */
  readonly objects?: number;
}

export type PostResult =
  | { readonly outcome: 'scored'; readonly httpStatus: number; readonly best?: BestInference }
  /** The server is busy; frames of the next `waitMs` milliseconds are not worth sending. */
  | { readonly outcome: 'busy'; readonly httpStatus: number; readonly reason: string; readonly waitMs: number }
  | {
      readonly outcome: 'failed';
      readonly httpStatus?: number;
      readonly reason: string;
      /** There was no connection, or it was closed before an answer. */
      readonly disconnected?: boolean;
    };

export interface PostRequest {
  readonly target: string;
  readonly camera: string;
  readonly picture: Picture;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Posts frames as video analyzers do (their HTTP extension protocol), over connections that are kept. */
export class Poster {
  readonly #agent = new Agent({ connections: MAX_IN_FLIGHT, keepAliveTimeout: 10_000, keepAliveMaxTimeout: 60_000 });

  /** Never rejects: whatever goes wrong is a result. */
  async post({ target, camera, picture, timeoutMs, signal }: PostRequest): Promise<PostResult> {
    const url = new URL(target);
    url.searchParams.set('camera', camera);
    // Not AbortSignal.any: on some versions of Node.js the signal that lives longest remembers every one made of it.
    const abort = new AbortController();
    const cut = () => abort.abort();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      cut();
    }, timeoutMs);
    signal.addEventListener('abort', cut, { once: true });
    if (signal.aborted) cut();
    try {
      const { statusCode, headers, body } = await request(url, {
        method: 'POST',
        dispatcher: this.#agent,
        signal: abort.signal,
        headers: {
          accept: 'application/json',
          'content-type': picture.contentType,
          'x-ms-client-request-id': randomUUID(),
        },
        body: picture.bytes,
      });
      const text = await readText(body);
      if (statusCode === 200) return readScores(text);
      if (statusCode === 204) return { outcome: 'scored', httpStatus: 204 };
      const reason = readReason(text, statusCode);
      return statusCode === 503
        ? { outcome: 'busy', httpStatus: 503, reason, waitMs: readRetryAfter(headers['retry-after']) }
        : { outcome: 'failed', httpStatus: statusCode, reason };
    } catch (error) {
      if (late) return { outcome: 'failed', reason: `no answer within ${timeoutMs} ms` };
      if (signal.aborted) return { outcome: 'failed', reason: 'the camera stopped' };
      return { outcome: 'failed', reason: describe(error), disconnected: isDisconnection(error) };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', cut);
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_REPLY) throw new Error(`the reply has more than ${MAX_REPLY} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

interface Seen {
  readonly tag?: { readonly value?: unknown; readonly confidence?: unknown };
}

interface Reply {
  readonly inferences?: readonly {
    readonly classification?: Seen;
    readonly entity?: Seen;
    readonly extensions?: { readonly model?: unknown };
  }[];
  readonly error?: { readonly code?: unknown; readonly message?: unknown };
}

function parse(text: string): Reply | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function readScores(text: string): PostResult {
  const inferences = parse(text)?.inferences;
  if (!Array.isArray(inferences))
    return { outcome: 'failed', httpStatus: 200, reason: 'the reply is not JSON with inferences' };
  const all = inferences as NonNullable<Reply['inferences']>;
  const best = all[0];
  const { value, confidence } = (best?.classification ?? best?.entity)?.tag ?? {};
  if (typeof value !== 'string') return { outcome: 'scored', httpStatus: 200 };
  const model = best?.extensions?.model;
  return {
    outcome: 'scored',
    httpStatus: 200,
    best: {
      label: value,
      confidence: typeof confidence === 'number' ? confidence : 0,
      ...(typeof model === 'string' && { model }),
      ...(best?.entity && { objects: all.filter(({ entity }) => entity).length }),
    },
  };
}

/** Code and text of the body's error, whichever of them there is. */
function readReason(text: string, status: number): string {
  const { code, message } = parse(text)?.error ?? {};
  const told = [code, message].filter((part) => part !== undefined && part !== null && part !== '');
  return (told.join(': ') || `HTTP status ${status}`).slice(0, 500);
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3), as milliseconds from now; without it the next frame may go at once. */
export function readRetryAfter(header: string | string[] | undefined, now = Date.now()): number {
  const text = (Array.isArray(header) ? header[0] : header)?.trim();
  if (!text) return 0;
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(wait) ? 0 : Math.min(Math.max(wait, 0), MAX_WAIT);
}

const DISCONNECTIONS = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'];

function isDisconnection(error: unknown): boolean {
  return DISCONNECTIONS.includes((firstOf(error) as NodeJS.ErrnoException).code ?? '');
}

/** Node puts the errors of several addresses into one without a text. */
function firstOf(error: unknown): unknown {
  return error instanceof AggregateError ? error.errors[0] : error;
}

function describe(error: unknown): string {
  const first = firstOf(error);
  if (!(first instanceof Error)) return String(first);
  return first.message || ((first as NodeJS.ErrnoException).code ?? first.name);
}
