import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { planAddresses } from './addresses.js';
import { PortTakenError, startForwarder } from './forwarder.js';
import { findPortOwner } from './port-owner.js';

const linux = { skip: process.platform !== 'linux' && 'needs /proc and all of 127.0.0.0/8' };

async function echoServer() {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return { port, close: () => new Promise((resolve) => server.close(resolve)) };
}

async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('a forwarder', () => {
  it('passes every byte both ways, a half-closed connection included', async () => {
    const echo = await echoServer();
    const forwarder = await startForwarder({ host: '127.0.0.1', port: 0 }, { host: '127.0.0.1', port: echo.port });
    const sent = Buffer.alloc(3_000_000, 'frame');
    const socket = connect({ host: '127.0.0.1', port: forwarder.port, allowHalfOpen: true });
    socket.end(sent);
    assert.ok((await readAll(socket)).equals(sent));
    await forwarder.close();
    await echo.close();
  });

  it('cuts what is connected when it closes, and refuses when the module does not listen', async () => {
    const echo = await echoServer();
    const forwarder = await startForwarder({ host: '127.0.0.1', port: 0 }, { host: '127.0.0.1', port: echo.port });
    const socket = connect(forwarder.port, '127.0.0.1');
    socket.write('x');
    await once(socket, 'data');
    const closed = once(socket, 'close');
    await forwarder.close();
    await closed;
    await echo.close();
    const nobody = await startForwarder({ host: '127.0.0.1', port: 0 }, { host: '127.0.0.1', port: echo.port });
    const refused = connect(nobody.port, '127.0.0.1');
    refused.on('error', () => {});
    await once(refused, 'close');
    await nobody.close();
  });

  it('says who has its port', linux, async () => {
    const echo = await echoServer();
    const owner = await findPortOwner('127.0.0.1', echo.port);
    assert.equal(owner?.pid, process.pid);
    await assert.rejects(
      startForwarder({ host: '127.0.0.1', port: echo.port }, { host: '127.0.0.1', port: 1 }),
      (error) => {
        assert.ok(error instanceof PortTakenError);
        assert.match(
          error.message,
          new RegExp(`^127\\.0\\.0\\.1:${echo.port} is taken by pid ${process.pid} \\(.*node`),
        );
        return true;
      },
    );
    assert.equal(await findPortOwner('127.0.0.9', echo.port), undefined, 'another address is another port');
    await echo.close();
  });
});

describe('addresses', () => {
  it('are the same for the same seed, and others when the first are taken', linux, async () => {
    const port = 28883;
    const first = await planAddresses('a state directory', port);
    assert.equal((await planAddresses('a state directory', port)).gateway, first.gateway);
    const server = createServer().listen(port, first.gateway);
    await once(server, 'listening');
    assert.notEqual((await planAddresses('a state directory', port)).gateway, first.gateway);
    await new Promise((resolve) => server.close(resolve));
  });

  it('belong to a module until it is released', linux, async () => {
    const plan = await planAddresses('seed', 28884);
    const [a, b] = [plan.moduleAddress('a'), plan.moduleAddress('b')];
    assert.notEqual(a, b);
    assert.equal(plan.moduleAddress('a'), a);
    plan.release('a');
    assert.equal(plan.moduleAddress('c'), a);
    for (let index = 0; index < 251; index++) plan.moduleAddress(`m${index}`);
    assert.throws(() => plan.moduleAddress('one too many'), /up to 253 modules/);
  });

  it('are all the same where only one loopback address exists', async () => {
    const plan = await planAddresses('seed', 28885, 'darwin');
    assert.deepEqual([plan.gateway, plan.moduleAddress('a')], ['127.0.0.1', '127.0.0.1']);
  });
});
