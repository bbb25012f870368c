import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The two calls of the workload API that the device SDK makes, on a unix socket. */
export async function startWorkloadServer(
  ca: string,
  key: Buffer,
  refuseSign: () => boolean,
): Promise<{ uri: string; stop(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'workload-'));
  const path = join(directory, 'w.sock');
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      if (request.url?.startsWith('/trust-bundle')) {
        response.end(JSON.stringify({ certificate: ca }));
        return;
      }
      if (refuseSign()) {
        response.statusCode = 500;
        response.end(JSON.stringify({ message: 'the key service does not answer' }));
        return;
      }
      const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data: string };
      const digest = createHmac('sha256', key).update(Buffer.from(data, 'base64')).digest('base64');
      response.end(JSON.stringify({ digest }));
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    uri: `unix://${path}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true, force: true });
    },
  };
}
