import type { Socket } from 'node:net';
import type { Answer } from './protocol-types.js';

/** What a module says that wants the device: one line of JSON. */
export interface RequestMessage {
  readonly request: 'DEVICE';
  readonly module: string;
  readonly instance: string;
  readonly pid: number;
  /** How long it will wait before it tells its callers that the device is busy. */
  readonly deadlineMs: number;
}

/** What the holder answers: GRANT_IN or DENY at once, HANDED when the lock is free. */
export interface AnswerMessage {
  readonly answer: Answer;
  /** With GRANT_IN: by then the lock is free. */
  readonly ms?: number;
  /** With DENY. */
  readonly reason?: string;
  /** With HANDED: the epoch that ended. */
  readonly epoch?: number;
}

const LONGEST_LINE = 1024;
const LONGEST_NAME = 200;
const ANSWERS: readonly string[] = ['GRANT_IN', 'DENY', 'HANDED'];

export function send(socket: Socket, message: RequestMessage | AnswerMessage): void {
  socket.write(`${JSON.stringify(message)}\n`);
}

/** Calls `listener` with every line; a peer that sends longer ones, or no lines at all, is cut off. */
export function onLines(socket: Socket, listener: (line: string) => void): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) listener(line);
    if (rest.length > LONGEST_LINE) socket.destroy();
  });
}

export function parseRequest(line: string): RequestMessage | undefined {
  const message = parseObject(line);
  if (message?.request !== 'DEVICE' || !isName(message.module) || !isName(message.instance)) return undefined;
  if (!isCount(message.pid) || !isCount(message.deadlineMs)) return undefined;
  return message as unknown as RequestMessage;
}

export function parseAnswer(line: string): AnswerMessage | undefined {
  const message = parseObject(line);
  if (!message || !ANSWERS.includes(message.answer as string)) return undefined;
  if (message.ms !== undefined && !isCount(message.ms)) return undefined;
  if (message.reason !== undefined && !isName(message.reason)) return undefined;
  return message as unknown as AnswerMessage;
}

function parseObject(line: string): Record<string, unknown> | undefined {
  if (line.length > LONGEST_LINE) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST_NAME;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
