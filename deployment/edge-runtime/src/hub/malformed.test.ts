import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import fc from 'fast-check';
import { generate } from 'mqtt-packet';
import { DEVICE, HUB_NAME, startTestHub, type TestHub } from '../testing/hub-fixture.js';
import { connectRaw, sasToken } from '../testing/raw-client.js';
import { until } from '../testing/until.js';

describe('malformed packets', () => {
  let test: TestHub;
  before(async () => {
    test = await startTestHub();
  });
  after(() => test.stop());

  async function open(): Promise<TLSSocket> {
    const socket = connect({ port: test.hub.address.port, host: 'localhost', ca: test.ca.caPem });
    socket.on('error', () => {});
    await once(socket, 'secureConnect');
    return socket;
  }

  async function hello(): Promise<Buffer> {
    const { key } = await test.identities.get('camera');
    return generate({
      cmd: 'connect',
      clientId: `${DEVICE}/camera`,
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      keepalive: 60,
      username: `${HUB_NAME}/${DEVICE}/camera/?api-version=1`,
      password: Buffer.from(sasToken(key, 'camera')),
    });
  }

  it('never bring the hub down, before CONNECT and after', async () => {
    const connected = await hello();
    const body = fc.uint8Array({ maxLength: 60 });
    const framed = fc
      .tuple(fc.integer({ min: 0, max: 255 }), body)
      .map(([first, rest]) => [first, rest.length, ...rest]);
    const junk = fc.array(
      fc.oneof(
        body.map((bytes) => [...bytes]),
        framed,
      ),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(fc.boolean(), junk, async (greeted, parts) => {
        const socket = await open();
        socket.resume();
        if (greeted) socket.write(connected);
        socket.end(Buffer.from(parts.flat()));
        await once(socket, 'close');
      }),
      { numRuns: 150 },
    );
    const camera = await connectRaw(test, 'camera');
    assert.ok(test.hub.isConnected('camera'));
    await camera.endAsync();
  });

  it('first packet not CONNECT, and a second CONNECT, close', async () => {
    const early = await open();
    early.resume();
    early.write(generate({ cmd: 'pingreq' }));
    await once(early, 'close');
    const twice = await open();
    twice.resume();
    twice.write(await hello());
    await until('connected', () => test.hub.isConnected('camera'));
    twice.write(await hello());
    await once(twice, 'close');
    assert.ok(test.events.some((event) => event.type === 'module' && /unexpected CONNECT/.test(event.text)));
  });
});
