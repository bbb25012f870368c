import { createConnection, type Socket } from 'node:net';
import { type AnswerMessage, onLines, parseAnswer, type RequestMessage, send } from './messages.js';

/** One request to the holder. Its answers come to `onAnswer`, and `undefined` once when nothing more will come. */
export class HolderCall {
  readonly #socket: Socket;
  #over = false;
  /** Whether the holder has answered at all. */
  heard = false;

  constructor(path: string, request: RequestMessage, onAnswer: (answer: AnswerMessage | undefined) => void) {
    this.#socket = createConnection(path, () => send(this.#socket, request));
    this.#socket.on('error', () => {});
    onLines(this.#socket, (line) => {
      const answer = this.#over ? undefined : parseAnswer(line);
      if (!answer) return;
      this.heard = true;
      this.#over = answer.answer !== 'GRANT_IN';
      onAnswer(answer);
    });
    this.#socket.once('close', () => {
      if (this.#over) return;
      this.#over = true;
      onAnswer(undefined);
    });
  }

  hangUp(): void {
    this.#over = true;
    this.#socket.destroy();
  }
}
