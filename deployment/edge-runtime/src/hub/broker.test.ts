import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { parser as createParser, generate, type IConnectPacket, type Packet } from 'mqtt-packet';
import { DEVICE, HUB_NAME, startTestHub, type TestHub } from '../testing/hub-fixture.js';
import { connectRaw, sasToken } from '../testing/raw-client.js';
import { until } from '../testing/until.js';

const EVENTS = `devices/${DEVICE}/modules/camera/messages/events`;

/** A client of which the test sends and sees every packet. */
interface BareClient {
  readonly socket: TLSSocket;
  readonly packets: Packet[];
  readonly closed: Promise<unknown>;
  send(packet: Packet): void;
}

describe('broker', () => {
  let test: TestHub;
  before(async () => {
    test = await startTestHub();
  });
  after(() => test.stop());

  async function open(options: Partial<IConnectPacket> = {}, ahead: Packet[] = [], turns = 0): Promise<BareClient> {
    const { key } = await test.identities.get('camera');
    const socket = connect({ port: test.hub.address.port, host: 'localhost', ca: test.ca.caPem });
    await once(socket, 'secureConnect');
    const packets: Packet[] = [];
    const parser = createParser();
    parser.on('packet', (packet) => packets.push(packet));
    socket.on('data', (chunk) => parser.parse(chunk));
    socket.on('error', () => {});
    const send = (packet: Packet) => socket.write(generate(packet));
    send({
      cmd: 'connect',
      clientId: `${DEVICE}/camera`,
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: false,
      keepalive: 60,
      username: `${HUB_NAME}/${DEVICE}/camera/?api-version=1`,
      password: Buffer.from(sasToken(key, 'camera')),
      ...options,
    });
    const closed = new Promise((resolve) => {
      socket.once('close', resolve);
    });
    for (const packet of ahead) {
      for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
      send(packet);
    }
    await Promise.race([until('CONNACK', () => packets.length > 0), closed]);
    return { socket, packets, closed, send };
  }

  const publishes = (client: BareClient) => client.packets.filter((packet) => packet.cmd === 'publish');

  it('refuses every version but 3.1.1 with CONNACK 1', async () => {
    for (const version of [{ protocolId: 'MQIsdp', protocolVersion: 3 }, { protocolVersion: 5 }] as const) {
      const { packets, closed } = await open(version);
      assert.ok(packets[0]?.cmd === 'connack');
      assert.equal(packets[0].returnCode, 1);
      await closed;
    }
  });

  it('handles what a client sends without waiting for CONNACK, after it', async () => {
    const ahead: Packet[] = [
      { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'f', qos: 0 }] },
      { cmd: 'publish', topic: EVENTS, payload: 'x', qos: 1, messageId: 2, dup: false, retain: false },
      { cmd: 'pingreq' },
    ];
    for (let turns = 0; turns < 12; turns += 1) {
      const client = await open({ clean: turns % 2 === 0 }, ahead, turns);
      await until('four answers', () => client.packets.length === 4);
      assert.equal(client.packets[0]?.cmd, 'connack');
      client.send({ cmd: 'pingreq' });
      await until('an answer', () => client.packets.length === 5);
      client.send({ cmd: 'disconnect' });
      await client.closed;
    }
    test.hub.forget('camera');
  });

  it('acknowledges in the order of the messages', async () => {
    const client = await open({ clean: true });
    for (let messageId = 1; messageId <= 50; messageId += 1) {
      // What is stored takes longer than what is dropped.
      const topic = messageId % 2 === 0 ? 'nothing/known' : EVENTS;
      client.send({ cmd: 'publish', topic, payload: 'x', qos: 1, messageId, dup: false, retain: false });
    }
    await until('50 acknowledgements', () => client.packets.length === 51);
    assert.deepEqual(
      client.packets.slice(1).map(({ messageId }) => messageId),
      Array.from({ length: 50 }, (_, at) => at + 1),
    );
    client.socket.destroy();
    await client.closed;
  });

  it('sends what was not acknowledged again to the next connection, which need not subscribe', async () => {
    const first = await open();
    const filter = `devices/${DEVICE}/modules/camera/inputs/#`;
    first.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: filter, qos: 1 }] });
    for (const text of ['a', 'b']) test.hub.injectInput('camera', 'in', { data: Buffer.from(text) });
    await until('a', () => publishes(first).length === 1);
    first.send({ cmd: 'puback', messageId: 999 });
    first.socket.destroy();
    await until('gone', () => !test.hub.isConnected('camera'));
    const second = await open();
    assert.ok(second.packets[0]?.cmd === 'connack' && second.packets[0].sessionPresent);
    await until('a', () => publishes(second).length === 1);
    second.send({ cmd: 'puback', messageId: publishes(second)[0]?.messageId ?? 0 });
    await until('b', () => publishes(second).length === 2);
    assert.deepEqual(
      [...publishes(first), ...publishes(second)].map(({ payload }) => String(payload)),
      ['a', 'a', 'b'],
    );
    second.send({ cmd: 'disconnect' });
    await second.closed;
    const last = test.events.filter((event) => event.type === 'module').at(-1);
    assert.match(last?.text ?? '', /the module disconnected/);
    test.hub.forget('camera');
  });

  it('loses nothing between messages at QoS 1 and QoS 0', async () => {
    const client = await open();
    const subscriptions = [
      { topic: `devices/${DEVICE}/modules/camera/inputs/#`, qos: 1 },
      { topic: '$iothub/twin/PATCH/properties/desired/#', qos: 0 },
    ] as const;
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [...subscriptions] });
    await until('SUBACK', () => client.packets.length === 2);
    for (let count = 1; count <= 20; count += 1) {
      test.hub.injectInput('camera', 'in', { data: Buffer.from(String(count)) });
      test.twins.patchDesired('camera', { count });
      await until('both', () => publishes(client).length === 2 * count);
      const { messageId } = publishes(client).find(({ payload }) => String(payload) === String(count)) ?? {};
      client.send({ cmd: 'puback', messageId: messageId ?? 0 });
    }
    client.socket.destroy();
    await client.closed;
    test.hub.forget('camera');
  });

  it('keeps neither wills nor retained messages, and spreads no topic', async () => {
    const camera = await open({ will: { topic: 'scoring', payload: Buffer.from('x'), qos: 1, retain: true } });
    camera.send({ cmd: 'publish', topic: 'scoring', payload: 'x', qos: 0, dup: false, retain: true });
    camera.socket.end();
    await camera.closed;
    const scoring = await connectRaw(test, 'scoring');
    const received: string[] = [];
    scoring.on('message', (topic) => received.push(topic));
    await scoring.subscribeAsync(['#', 'scoring', '$SYS/#'], { qos: 1 });
    await scoring.publishAsync('scoring', 'x', { qos: 1 });
    await scoring.publishAsync('scoring', 'x', { qos: 1, retain: true });
    assert.deepEqual(received, []);
    await scoring.endAsync();
  });

  it('closes over more filters than a module may hold, and keeps none of them', async () => {
    for (const clean of [true, false]) {
      const client = await open({ clean });
      const subscriptions = Array.from({ length: 65 }, (_, at) => ({ topic: `f/${at}`, qos: 1 as const }));
      client.send({ cmd: 'subscribe', messageId: 1, subscriptions });
      await client.closed;
      const last = test.events.filter((event) => event.type === 'module').at(-1);
      assert.match(last?.text ?? '', /too many subscriptions/);
    }
    const next = await open();
    assert.ok(next.packets[0]?.cmd === 'connack' && !next.packets[0].sessionPresent);
    next.socket.destroy();
    await next.closed;
  });
});
