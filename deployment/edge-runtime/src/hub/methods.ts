import { randomUUID } from 'node:crypto';
import type { Sessions } from './sessions.js';

export interface MethodReply {
  /** What the module answered; 404 not connected or not listening, 504 no answer in time. */
  readonly status: number;
  readonly payload: unknown;
}

export interface MethodTimeouts {
  /** How long the module may take to answer; 30 s by default, at most 300 s. */
  readonly responseTimeoutMs?: number;
  /** How long to wait for the module to connect and listen; 0 by default, at most 300 s. */
  readonly connectTimeoutMs?: number;
}

const MAX_TIMEOUT_MS = 300_000;
const MAX_PAYLOAD_BYTES = 128 * 1024;
const MAX_PENDING = 100;

interface PendingCall {
  readonly moduleId: string;
  readonly answer: (reply: MethodReply) => void;
}

/** Direct methods, hub to module. */
export class Methods {
  readonly #pending = new Map<string, PendingCall>();

  constructor(
    private readonly deviceId: string,
    private readonly sessions: Sessions,
  ) {}

  /** Throws RangeError for a bad name, payload or timeout, and when too many calls wait already. */
  async invoke(moduleId: string, name: string, payload: unknown, timeouts: MethodTimeouts): Promise<MethodReply> {
    const responseTimeoutMs = checkTimeout('responseTimeoutMs', timeouts.responseTimeoutMs ?? 30_000);
    const connectTimeoutMs = checkTimeout('connectTimeoutMs', timeouts.connectTimeoutMs ?? 0);
    // An empty body makes the Node SDK answer 400 by itself.
    const body = checkPayload(name, payload === undefined ? 'null' : JSON.stringify(payload));
    const session = this.sessions.get(moduleId);
    if (!(await session.listensTo('methods', connectTimeoutMs))) {
      return { status: 404, payload: { message: `Client ${this.deviceId}/${moduleId} not found` } };
    }
    if (this.#pending.size >= MAX_PENDING)
      throw new RangeError(`${MAX_PENDING} method calls wait for an answer already`);
    const rid = randomUUID();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle(rid, timedOut(moduleId, name, responseTimeoutMs)), responseTimeoutMs);
      const answer = (reply: MethodReply) => {
        clearTimeout(timer);
        resolve(reply);
      };
      this.#pending.set(rid, { moduleId, answer });
      session.connection?.publish(`$iothub/methods/POST/${encodeURIComponent(name)}/?$rid=${rid}`, body);
    });
  }

  /** An answer from a module; one to another module's call, or too late, is ignored. */
  answered(moduleId: string, rid: string, status: number, payload: Buffer): boolean {
    if (this.#pending.get(rid.toLowerCase())?.moduleId !== moduleId) return false;
    return this.#settle(rid.toLowerCase(), { status, payload: parsePayload(payload) });
  }

  /** Ends what waits: the hub stops. */
  stop(): void {
    for (const rid of [...this.#pending.keys()]) {
      this.#settle(rid, { status: 504, payload: { message: 'the hub stops' } });
    }
  }

  #settle(rid: string, reply: MethodReply): boolean {
    const call = this.#pending.get(rid);
    this.#pending.delete(rid);
    call?.answer(reply);
    return call !== undefined;
  }
}

function timedOut(moduleId: string, name: string, ms: number): MethodReply {
  return { status: 504, payload: { message: `${moduleId} did not answer method ${name} within ${ms / 1000} s` } };
}

function checkTimeout(what: string, value: number): number {
  if (!Number.isFinite(value) || value < 0 || value > MAX_TIMEOUT_MS) {
    throw new RangeError(`${what} is ${value}, expected 0 to ${MAX_TIMEOUT_MS}`);
  }
  return value;
}

function checkPayload(name: string, body: string): string {
  if (name.length === 0 || name.length > 100)
    throw new RangeError(`method name has ${name.length} characters, expected 1 to 100`);
  const bytes = Buffer.byteLength(body);
  if (bytes > MAX_PAYLOAD_BYTES)
    throw new RangeError(`payload has ${bytes} bytes, a method takes ${MAX_PAYLOAD_BYTES}`);
  return body;
}

/** Modules answer JSON; anything else is handed on as text rather than lost. */
function parsePayload(payload: Buffer): unknown {
  const text = payload.toString('utf8');
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
