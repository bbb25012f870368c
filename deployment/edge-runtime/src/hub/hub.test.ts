import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { MqttClient } from 'mqtt';
import { DEVICE, HUB_NAME, startTestHub, type TestHub } from '../testing/hub-fixture.js';
import { connectRaw, sasToken } from '../testing/raw-client.js';
import { until } from '../testing/until.js';

const EVENTS = `devices/${DEVICE}/modules/camera/messages/events`;
const JSON_BAG = '%24.ct=application%2Fjson&%24.ce=utf-8';

function collect(client: MqttClient): { topic: string; text: string }[] {
  const received: { topic: string; text: string }[] = [];
  client.on('message', (topic, payload) => received.push({ topic, text: payload.toString() }));
  return received;
}

function closing(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    client.once('close', () => resolve());
  });
}

async function refusal(attempt: Promise<MqttClient>): Promise<number> {
  try {
    const client = await attempt;
    await client.endAsync(true);
    return 0;
  } catch (error) {
    return (error as { code?: number }).code ?? -1;
  }
}

describe('hub', () => {
  let test: TestHub;
  before(async () => {
    test = await startTestHub({
      up: 'FROM /messages/modules/camera/outputs/frames INTO $upstream',
      toScoring:
        'FROM /messages/modules/camera/outputs/frames WHERE kind = \'raw\' INTO BrokeredEndpoint("/modules/scoring/inputs/in1")',
    });
  });
  after(() => test.stop());

  it('refuses with the return code that names the kind of fault', async () => {
    const { key } = await test.identities.get('camera');
    const user = `${HUB_NAME}/${DEVICE}/camera/`;
    const cases: [string, number, Parameters<typeof connectRaw>[2]][] = [
      ['a token of another key', 5, { password: sasToken(Buffer.alloc(32), 'camera') }],
      ['a token for another module', 5, { password: sasToken(key, 'scoring') }],
      ['an expired token', 5, { password: sasToken(key, 'camera', { expiry: 1000 }) }],
      ['another client id', 5, { clientId: `${DEVICE}/scoring` }],
      ['another device', 5, { clientId: 'x/camera', username: `${HUB_NAME}/x/camera/?api-version=1` }],
      ['an unknown module', 5, { clientId: `${DEVICE}/no`, username: `${HUB_NAME}/${DEVICE}/no/?api-version=1` }],
      ['no api-version', 3, { username: user }],
      ['no device', 3, { username: HUB_NAME }],
      ['a token for the gateway', 0, { password: sasToken(key, 'camera', { host: 'LOCALHOST' }) }],
      ['no question mark', 0, { username: `${user}api-version=2018-06-30` }],
    ];
    for (const [what, code, options] of cases)
      assert.equal(await refusal(connectRaw(test, 'camera', options)), code, what);
    const noPassword = { ...{ password: undefined } } as unknown as Parameters<typeof connectRaw>[2];
    assert.equal(await refusal(connectRaw(test, 'camera', noPassword)), 5, 'no password');
    assert.ok(!test.logs.join('\n').includes('sig='), 'no token in the log');
  });

  it('refuses TLS 1.1 and a client that does not trust the authority', async () => {
    await assert.rejects(connectRaw(test, 'camera', { ca: '' }), /certificate/);
    const socket = connectTls({
      port: test.hub.address.port,
      host: '127.0.0.1',
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
      ca: test.ca.caPem,
    });
    await assert.rejects(once(socket, 'secureConnect'));
  });

  it('stores telemetry before it acknowledges, decoded and routed', async () => {
    const camera = await connectRaw(test, 'camera');
    const bag = `%24.on=frames&${JSON_BAG}&%24.mid=m%201&kind=x%2Fy%26z`;
    await camera.publishAsync(`${EVENTS}/${bag}/`, JSON.stringify({ frame: 1 }), { qos: 1 });
    const line = JSON.parse((await readFile(test.upstream.path, 'utf8')).trim().split('\n').at(-1) ?? '');
    assert.equal(line.module, 'camera');
    assert.equal(line.output, 'frames');
    assert.deepEqual(line.body, { frame: 1 });
    assert.deepEqual(line.properties, { kind: 'x/y&z' });
    assert.equal(line.systemProperties.messageId, 'm 1');
    assert.equal(line.systemProperties.connectionModuleId, 'camera');
    const event = test.events.find((each) => each.type === 'message');
    assert.ok(event?.type === 'message' && event.sink === '$upstream');
    assert.deepEqual(event.body, { frame: 1 });
    await camera.endAsync();
  });

  it('acknowledges and drops what no route takes and what is not its own', async () => {
    const camera = await connectRaw(test, 'camera');
    const before = test.upstream.messages;
    await camera.publishAsync(EVENTS, 'x', { qos: 1 });
    await camera.publishAsync(`devices/${DEVICE}/modules/scoring/messages/events/%24.on=frames`, 'x', { qos: 1 });
    await camera.publishAsync(`${EVENTS}/%24.on=frames&a=1&A=2`, 'x', { qos: 1 });
    await camera.publishAsync(`${EVENTS}/%24.on=frames&a=%ZZ`, 'x', { qos: 1 });
    await camera.publishAsync('some/other/topic', 'x', { qos: 1 });
    assert.equal(test.upstream.messages, before);
    await camera.endAsync();
  });

  it('holds input messages while the module is away and keeps their order', async () => {
    const camera = await connectRaw(test, 'camera');
    for (let frame = 0; frame < 20; frame += 1) {
      await camera.publishAsync(`${EVENTS}/%24.on=frames&${JSON_BAG}&kind=raw`, JSON.stringify({ frame }), { qos: 1 });
    }
    const scoring = await connectRaw(test, 'scoring');
    const received = collect(scoring);
    await scoring.subscribeAsync(`devices/${DEVICE}/modules/scoring/inputs/#`, { qos: 1 });
    await until('20 messages', () => received.length === 20);
    assert.deepEqual(
      received.map(({ text }) => JSON.parse(text).frame),
      [...Array(20).keys()],
    );
    const [, bag = ''] = received[0]?.topic.split('/inputs/in1/') ?? [];
    assert.deepEqual(
      bag.split('&').sort(),
      ['%24.ce=utf-8', '%24.cdid=edge-1', '%24.cmid=camera', '%24.ct=application%2Fjson', 'kind=raw'].sort(),
    );
    // The session goes on after a clean goodbye: no second SUBSCRIBE, and what came meanwhile is delivered.
    await scoring.endAsync();
    await until('gone', () => !test.hub.isConnected('scoring'));
    assert.equal(
      test.hub.injectInput('scoring', 'in 2', { data: Buffer.from('later'), properties: { a: 'b c' } }),
      true,
    );
    const again = await connectRaw(test, 'scoring', { manualConnect: false });
    const later = collect(again);
    await until('the message', () => later.length === 1);
    assert.equal(later[0]?.topic, `devices/${DEVICE}/modules/scoring/inputs/in%202/a=b%20c`);
    await Promise.all([camera.endAsync(), again.endAsync()]);
  });

  it('gives nobody the topics of another', async () => {
    const camera = await connectRaw(test, 'camera', { clean: true });
    const received = collect(camera);
    const granted = await camera.subscribeAsync({
      '#': { qos: 2 },
      [`devices/${DEVICE}/modules/scoring/inputs/#`]: { qos: 1 },
    });
    assert.deepEqual(
      granted.map(({ qos }) => qos),
      [1, 1],
      'always granted, at most QoS 1',
    );
    test.hub.injectInput('scoring', 'in1', { data: Buffer.from('secret') });
    await camera.publishAsync(`${EVENTS}/%24.on=frames`, 'x', { qos: 1 });
    assert.deepEqual(received, []);
    await camera.endAsync();
    test.hub.forget('scoring');
  });

  it('lets the second connection of a module take over', async () => {
    const first = await connectRaw(test, 'camera');
    const closed = closing(first);
    const second = await connectRaw(test, 'camera');
    await closed;
    assert.ok(test.hub.isConnected('camera'));
    await second.endAsync();
    await until('gone', () => !test.hub.isConnected('camera'));
    const { clients } = test.twins.get('$edgeHub').properties.reported as {
      clients?: Record<string, { status: string }>;
    };
    assert.equal(clients?.[`${DEVICE}/camera`]?.status, 'Disconnected');
  });

  it('closes over packets above the limit and QoS 2, and says so', async () => {
    const camera = await connectRaw(test, 'camera');
    const closed = closing(camera);
    camera.on('error', () => {});
    camera.publish(EVENTS, Buffer.alloc(262_144), { qos: 1 });
    await closed;
    assert.ok(test.events.some((event) => event.type === 'module' && /at most 262144/.test(event.text)));
    camera.end(true);
    const other = await connectRaw(test, 'camera');
    const end = closing(other);
    other.publish(EVENTS, 'x', { qos: 2 });
    await end;
    other.end(true);
  });
});

describe('twins over the hub', () => {
  let test: TestHub;
  let camera: MqttClient;
  let received: { topic: string; text: string }[];
  before(async () => {
    test = await startTestHub();
    camera = await connectRaw(test, 'camera');
    received = collect(camera);
    await camera.subscribeAsync(['$iothub/twin/res/#', '$iothub/twin/PATCH/properties/desired/#'], { qos: 0 });
  });
  after(async () => {
    await camera.endAsync();
    await test.stop();
  });
  const answer = async (rid: string) =>
    until(`answer ${rid}`, () => received.find(({ topic }) => topic.endsWith(`$rid=${rid}`)));

  it('answers GET, PATCH and a refused PATCH', async () => {
    camera.publish('$iothub/twin/GET/?$rid=a1', ' ');
    assert.deepEqual(JSON.parse((await answer('a1')).text), { desired: { $version: 1 }, reported: { $version: 1 } });
    camera.publish('$iothub/twin/PATCH/properties/reported/?$rid=a2', '{"status":{"a":1},"gone":null}');
    assert.deepEqual(await answer('a2'), { topic: '$iothub/twin/res/204/?$rid=a2', text: '' });
    assert.deepEqual(test.twins.get('camera').properties.reported, { status: { a: 1 }, $version: 2 });
    for (const [rid, patch] of [
      ['b1', '{"a.b":1}'],
      ['b2', 'not json'],
      ['b3', '[]'],
      ['b4', '{"$version":3}'],
    ] as const) {
      camera.publish(`$iothub/twin/PATCH/properties/reported/?$rid=${rid}`, patch);
      assert.deepEqual(await answer(rid), { topic: `$iothub/twin/res/400/?$rid=${rid}`, text: '' });
    }
  });

  it('pushes desired patches with their version', async () => {
    test.twins.patchDesired('camera', { interval: 5, old: null });
    const patch = await until('patch', () => received.find(({ topic }) => topic.includes('desired')));
    assert.equal(patch.topic, '$iothub/twin/PATCH/properties/desired/?$version=2');
    assert.deepEqual(JSON.parse(patch.text), { interval: 5, old: null, $version: 2 });
    assert.ok(test.events.some((event) => event.type === 'twin' && event.section === 'desired' && event.version === 2));
  });

  it('closes over a GET without a request id', async () => {
    const closed = closing(camera);
    camera.publish('$iothub/twin/GET/', ' ');
    await closed;
  });
});

describe('methods', () => {
  let test: TestHub;
  before(async () => {
    test = await startTestHub();
  });
  after(() => test.stop());

  it('gives 404 to a module that is away, 504 to one that is silent, else the answer', async () => {
    assert.equal((await test.hub.invokeMethod('camera', 'ping')).status, 404);
    const camera = await connectRaw(test, 'camera');
    assert.equal(
      (await test.hub.invokeMethod('camera', 'ping', null, { connectTimeoutMs: 20 })).status,
      404,
      'not subscribed',
    );
    const waiting = test.hub.invokeMethod(
      'camera',
      'ping',
      { a: 1 },
      { connectTimeoutMs: 10_000, responseTimeoutMs: 10_000 },
    );
    camera.on('message', (topic, payload) => {
      const [, name, rid] = /POST\/(.+)\/\?\$rid=(.+)/.exec(topic) ?? [];
      if (name === 'ping') camera.publish(`$iothub/methods/res/201/?$rid=${rid?.toUpperCase()}`, payload);
    });
    await camera.subscribeAsync('$iothub/methods/POST/#');
    assert.deepEqual(await waiting, { status: 201, payload: { a: 1 } });
    assert.deepEqual(await test.hub.invokeMethod('camera', 'ping'), { status: 201, payload: null });
    assert.equal((await test.hub.invokeMethod('camera', 'silent', {}, { responseTimeoutMs: 20 })).status, 504);
    await assert.rejects(test.hub.invokeMethod('camera', ''), RangeError);
    await assert.rejects(test.hub.invokeMethod('camera', 'x', 'x'.repeat(200_000)), RangeError);
    await camera.endAsync();
  });

  it('ends what waits when the hub stops', async () => {
    const camera = await connectRaw(test, 'camera');
    await camera.subscribeAsync('$iothub/methods/POST/#');
    const answering = test.hub.invokeMethod('camera', 'silent');
    const waiting = test.hub.invokeMethod('scoring', 'ping', null, { connectTimeoutMs: 60_000 });
    await until('sent', () => test.hub.isConnected('camera'));
    await test.restartHub();
    assert.equal((await answering).status, 504);
    assert.equal((await waiting).status, 404);
    camera.end(true);
  });
});
