import type { AddressInfo, Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';

/** As edgeHub: a hundred clients and one. */
const MAX_CONNECTIONS = 101;
const HANDSHAKE_TIMEOUT_MS = 10_000;

export interface MqttServer {
  readonly address: { readonly host: string; readonly port: number };
  /** Cuts every connection and stops listening. */
  close(): Promise<void>;
}

export async function startMqttServer(
  at: { readonly host: string; readonly port: number },
  tls: { readonly certPem: string; readonly keyPem: string },
  onConnection: (socket: TLSSocket) => void,
  log: (text: string) => void,
): Promise<MqttServer> {
  const server = createServer({
    cert: tls.certPem,
    key: tls.keyPem,
    minVersion: 'TLSv1.2',
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  });
  server.maxConnections = MAX_CONNECTIONS;
  // Raw sockets, so that one in the middle of its handshake is cut too.
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  server.on('secureConnection', onConnection);
  server.on('tlsClientError', (error, socket) => {
    log(`${socket.remoteAddress ?? '?'}: TLS handshake failed: ${error.message}`);
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  return {
    address: { host: address, port },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
