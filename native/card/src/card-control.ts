// Speaks to a card's control socket: a line there, a line back.
import { closeSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { CardError } from './card-error.js';

const BOUND_MS = 5_000;
const MOST_BYTES = 65_536;

/** What a card says of itself; `kind` is always `virtual-card`. */
export type CardStatus = Readonly<Record<string, string>>;

/** @throws CardError when no card runs there, or it does not answer in time */
export async function cardStatus(directory: string): Promise<CardStatus> {
  const fields = (await ask(directory, 'status')).slice(1);
  return Object.fromEntries(
    fields.map((field) => {
      const at = field.indexOf('=');
      return [field.slice(0, at), field.slice(at + 1)];
    }),
  );
}

/** Asks for a fault: `timeout 2`, `late 50 1`, `clear`; PROTOCOL.md tells all. `death` is never answered. */
export async function cardFault(directory: string, words: readonly string[]): Promise<void> {
  const line = words.join(' ');
  if (/[\r\n]/.test(line)) throw new CardError('a fault is one line');
  await ask(directory, `fault ${line}`, line === 'death');
}

export async function askToStop(directory: string): Promise<void> {
  await ask(directory, 'stop');
}

/** @returns the fields of an answer, the first of which is `ok`. @throws CardError */
export function ask(directory: string, line: string, silent = false): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const none = () =>
      reject(new CardError(`no virtual card runs in ${directory}: start one with \`npx edgeslot card start\``));
    let descriptor: number;
    try {
      descriptor = openSync(directory, 'r');
    } catch {
      return none();
    }
    // A socket's path holds 107 bytes; the directory's may be longer.
    const socket = connect(`/proc/self/fd/${descriptor}/control`);
    let received = '';
    socket.setEncoding('utf8').setTimeout(BOUND_MS, () => {
      socket.destroy(new CardError(`the card in ${directory} did not answer within ${BOUND_MS / 1000} s`));
    });
    socket.once('connect', () => socket.write(`${line}\n`));
    socket.on('data', (text: string) => {
      received += text;
      if (received.length > MOST_BYTES) socket.destroy(new CardError('the card answers endlessly'));
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') none();
      else if (!silent || error.code !== 'ECONNRESET') reject(error);
    });
    socket.once('close', () => {
      closeSync(descriptor);
      const fields = received.trimEnd().split('\t');
      if (fields[0] === 'ok' || silent) resolve(fields);
      else reject(new CardError(fields[1] ?? 'the card ended without an answer'));
    });
  });
}
