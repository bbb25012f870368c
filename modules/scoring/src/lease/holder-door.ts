import { unlink } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { type AnswerMessage, onLines, parseRequest, type RequestMessage, send } from './messages.js';

const MOST_CONNECTIONS = 16;
/** A peer that connects and says nothing is cut off. */
const SILENCE_MS = 2000;

/** Where a holder is asked for the device. Only who has the lock opens it, so a socket file that is there is a dead one's. */
export class HolderDoor {
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();
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

  /**
   * Stops listening and takes the socket file away. Every connection but the guest's ends: what was asked of this tenure
   * must not be heard in the next.
   */
  shut(guest?: string): void {
    // The file is unlinked at once; only the callback would wait for the connections.
    this.#server?.close();
    this.#server = undefined;
    const kept = guest === undefined ? undefined : this.#askers.get(guest);
    for (const socket of this.#sockets) if (socket !== kept) socket.destroy();
  }

  answer(instance: string, message: AnswerMessage): void {
    const socket = this.#askers.get(instance);
    if (!socket) return;
    send(socket, message);
    if (message.answer !== 'GRANT_IN') socket.end();
  }

  #take(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    socket.setTimeout(SILENCE_MS, () => socket.destroy());
    onLines(socket, (line) => {
      if (socket.destroyed) return;
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
