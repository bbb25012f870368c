import { connect, createServer, type Server, type Socket } from 'node:net';
import { describeTakenPort } from './port-owner.js';

export interface Forwarder {
  readonly host: string;
  readonly port: number;
  readonly targetPort: number;
  /** Stops listening and cuts what is connected. */
  close(): Promise<void>;
}

export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

const MAX_CONNECTIONS = 1024;

/** Passes TCP connections on to a module, as Docker's proxy does. A connection past the limit is refused by closing it. */
export async function startForwarder(
  listen: { readonly host: string; readonly port: number },
  target: { readonly host: string; readonly port: number },
): Promise<Forwarder> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (inner) => {
    const outer = connect({ host: target.host, port: target.port, allowHalfOpen: true, noDelay: true });
    for (const [socket, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      open.add(socket);
      socket.on('error', () => other.destroy());
      // What was read is still written out before the other side goes.
      socket.on('close', () => {
        open.delete(socket);
        other.destroySoon();
      });
    }
    inner.pipe(outer);
    outer.pipe(inner);
  });
  server.maxConnections = MAX_CONNECTIONS;
  await listenOn(server, listen);
  const { port } = server.address() as { port: number };
  return {
    host: listen.host,
    port,
    targetPort: target.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

async function listenOn(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      server.on('error', () => {});
      resolve();
    });
  }).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') throw new PortTakenError(await describeTakenPort(host, port));
    if (error.code === 'EACCES')
      throw new Error(`${host}:${port} may not be listened on by this user: ports below 1024 need root`);
    if (error.code === 'EADDRNOTAVAIL')
      throw new Error(`${host} is not an address of this machine, so port ${port} cannot be published there`);
    throw error;
  });
}
