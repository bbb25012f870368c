import { unlink } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { type AnswerMessage, onLines, parseRequest, type RequestMessage, send } from './messages.js';

const MOST_CONNECTIONS = 16;
/** A peer that connects and says nothing is cut off. */
const SILENCE_MS = 2000;

/** Where a holder is asked for the device. Only who has the lock opens it, so a socket file that is there is a dead one's. */
export class HolderDoor {
  #server: Server | undefined;
  readonly #askers = new Map<string, Socket>();

  constructor(private readonly onRequest: (request: RequestMessage) => void) {}

  async open(path: string): Promise<void> {
    await unlink(path).catch(() => {});
    const server = createServer((socket) => this.#take(socket));
    server.maxConnections = MOST_CONNECTIONS;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    server.on('error', () => {});
    this.#server = server;
  }

  /** Stops listening and takes the socket file away; who has asked can still be answered. */
  shut(): void {
    // The file is unlinked at once; the callback would wait for the connections.
    this.#server?.close();
    this.#server = undefined;
  }

  answer(instance: string, message: AnswerMessage): void {
    const socket = this.#askers.get(instance);
    if (!socket) return;
    send(socket, message);
    if (message.answer !== 'GRANT_IN') socket.end();
  }

  close(): void {
    this.shut();
    for (const socket of this.#askers.values()) socket.destroy();
    this.#askers.clear();
  }

  #take(socket: Socket): void {
    socket.on('error', () => {});
    socket.setTimeout(SILENCE_MS, () => socket.destroy());
    onLines(socket, (line) => {
      const request = parseRequest(line);
      if (!request) {
        send(socket, { answer: 'DENY', reason: 'this is no request of the lease protocol' });
        socket.end();
        return;
      }
      socket.setTimeout(0);
      const { instance } = request;
      this.#askers.get(instance)?.destroy();
      this.#askers.set(instance, socket);
      socket.once('close', () => {
        if (this.#askers.get(instance) === socket) this.#askers.delete(instance);
      });
      this.onRequest(request);
    });
  }
}
