import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { connectEdgeModule, type EdgeModule, type EdgeModuleOptions, type JsonObject } from './index.js';
import { createLog } from './log.js';
import { TestHub } from './testing/test-hub.js';

/** Short waits, so that a fault is met in milliseconds. */
const TIMINGS = { firstRetry: 5, maxRetry: 20, close: 300, flush: 5000, twin: 1500, heartbeat: 100_000 };

describe('an edge module against a hub over TLS', { timeout: 60_000 }, () => {
  let hub: TestHub;
  let lines: string[];
  const modules: EdgeModule[] = [];

  beforeEach(async () => {
    hub = await TestHub.start();
    lines = [];
  });
  afterEach(async () => {
    await Promise.all(modules.splice(0).map((module) => module.stop()));
    await hub.stop();
  });

  function make(options: Partial<EdgeModuleOptions> = {}): EdgeModule {
    const log = createLog({ write: (line) => lines.push(line) });
    const module = connectEdgeModule({ log, ...options, timings: { ...TIMINGS, ...options.timings } });
    modules.push(module);
    return module;
  }

  /** Collects what is delivered, and waits for a version. */
  function follow(module: EdgeModule) {
    const seen: { desired: JsonObject; version: number }[] = [];
    const waiting: (() => void)[] = [];
    module.onDesired((desired, version) => {
      seen.push({ desired, version });
      for (const wake of waiting.splice(0)) wake();
    });
    return async (version: number) => {
      for (;;) {
        const found = seen.find((entry) => entry.version === version);
        if (found) return found.desired;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    };
  }

  it('connects, reads the twin, reports, sends, answers methods', async () => {
    hub.desired = { model: { name: 'belt-object:1' }, list: [1, 2, 3], $version: 4 };
    const module = make();
    const until = follow(module);
    module.onMethod('double', async (payload) => ({ status: 200, payload: { value: (payload as number) * 2 } }));
    module.onMethod('broken', () => {
      throw new Error('no');
    });
    module.report('slot', { state: 'START' });
    module.report('slot', { state: 'AVAILABLE', model: 'belt-object:1' });
    module.send('output1', { frame: 1 }, { kind: 'x/y&z' });
    module.start();
    assert.deepEqual(await until(4), { model: { name: 'belt-object:1' }, list: [1, 2, 3] });
    await hub.untilReported((reported) => 'slot' in reported);
    assert.deepEqual(hub.reported.slot, { state: 'AVAILABLE', model: 'belt-object:1' });

    if (hub.telemetry.length === 0) await once(hub, 'telemetry');
    const { topic, body } = hub.telemetry[0]!;
    assert.deepEqual(body, { frame: 1 });
    assert.match(topic, /^devices\/dev\/modules\/mod\/messages\/events\/%24\.on=output1&/);
    assert.match(topic, /%24\.ct=application%2Fjson/);
    assert.match(topic, /%24\.ce=utf-8/);
    assert.match(topic, /%24\.mid=[0-9a-f-]{36}/);
    assert.match(topic, /kind=x%2Fy%26z/);

    assert.deepEqual(await hub.invoke('ping', null), { status: 200, payload: { status: 'ok' } });
    assert.deepEqual(await hub.invoke('double', 21), { status: 200, payload: { value: 42 } });
    assert.deepEqual(await hub.invoke('broken', null), { status: 500, payload: { message: 'no' } });
    assert.deepEqual(await hub.invoke('reboot', null), {
      status: 404,
      payload: { message: 'unknown method reboot; known: broken, double, ping' },
    });

    hub.patchDesired({ list: [9], model: null });
    assert.deepEqual(await until(5), { list: [9] });
    await module.stop();
    assert.equal(module.connected, false);
    assert.deepEqual(module.counters, {
      queued: 0,
      sent: 1,
      dropped: 0,
      refused: 0,
      connections: 1,
      reportsRefused: 0,
    });
  });

  it('goes on trying when the first connection is refused', async () => {
    await hub.close();
    const module = make();
    const until = follow(module);
    module.start();
    while (lines.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.match(lines[0]!, /\[WRN\] - hub: connect ECONNREFUSED .*; next try in \d+ ms/);
    hub.faults.refuse = 2;
    await hub.listen();
    await until(1);
    assert.ok(lines.every((line) => !/Failure on first connection/.test(line)));
  });

  it('comes back after a lost connection, with the twin read again and everything reported in full', async () => {
    const module = make();
    const until = follow(module);
    module.start();
    await until(1);
    module.report('counters', { scored: 3 });
    await hub.untilReported((reported) => 'counters' in reported);
    await hub.close();
    module.send('output1', { frame: 2 });
    module.report('counters', { scored: 4 });
    hub.patchDesired({ rate: 3 }, false);
    hub.reported = { counters: { scored: 3, stale: true }, $version: 1 };
    const message = once(hub, 'telemetry');
    await hub.listen();
    assert.deepEqual(await until(2), { rate: 3 });
    await hub.untilReported((reported) => (reported.counters as { scored: number }).scored === 4);
    assert.deepEqual(hub.reported.counters, { scored: 4 });
    assert.deepEqual((await message)[0].body, { frame: 2 });
    assert.ok(hub.session.subscriptions.has('$iothub/twin/PATCH/properties/desired/#'));
    assert.deepEqual(await hub.invoke('ping', null), { status: 200, payload: { status: 'ok' } });
  });

  it('makes a new connection when a twin reply is lost or is an error without a body', async () => {
    hub.faults.loseTwinGets = 1;
    const module = make();
    const until = follow(module);
    module.start();
    await until(1);
    assert.ok(hub.sessions.length >= 2);
    hub.faults.failTwinGets = 1;
    hub.session.destroy();
    hub.patchDesired({ rate: 1 }, false);
    await until(2);
    assert.ok(lines.some((line) => line.includes('twin GET: no answer within')));
    assert.ok(lines.some((line) => line.includes('answered without a twin')));
  });

  it('reads the twin again when a desired patch is missing, and ignores an old one', async () => {
    const module = make();
    const until = follow(module);
    module.start();
    await until(1);
    hub.patchDesired({ a: 1 }, false);
    hub.patchDesired({ b: 2 });
    assert.deepEqual(await until(3), { a: 1, b: 2 });
    hub.session.publish('$iothub/twin/PATCH/properties/desired/?$version=2', JSON.stringify({ a: 0, $version: 2 }));
    hub.patchDesired({ c: 3 });
    assert.deepEqual(await until(4), { a: 1, b: 2, c: 3 });
  });

  it('sends again what the hub refused without a word', async () => {
    hub.faults.refuseReports = 1;
    const module = make({ timings: { heartbeat: 50 } });
    module.start();
    module.report('slot', { state: 'END' });
    await hub.untilReported((reported) => 'slot' in reported);
    assert.ok(lines.some((line) => line.includes('does not hold reported slot')));
  });

  it('reports again over a new connection when a reply is lost', async () => {
    hub.faults.loseReports = 1;
    const module = make();
    module.start();
    module.report('slot', { state: 'END' });
    await hub.untilReported((reported) => 'slot' in reported);
    assert.ok(hub.sessions.length >= 2);
  });

  it('sends an unacknowledged message again with the same id', async () => {
    hub.on('session', (session) => {
      session.acknowledges = hub.sessions.length > 1;
    });
    const module = make();
    module.start();
    module.send('output1', { frame: 1 });
    await once(hub, 'telemetry');
    hub.session.destroy();
    await once(hub, 'telemetry');
    const ids = hub.telemetry.map(({ topic }) => /%24\.mid=([^&/]+)/.exec(topic)![1]);
    assert.equal(ids[0], ids[1]);
    assert.ok(hub.sessions.length >= 2);
  });

  it('stops within its bounds while the hub holds back an acknowledgement', async () => {
    hub.on('session', (session) => {
      session.acknowledges = false;
    });
    const module = make({ timings: { flush: 50, close: 50 } });
    module.start();
    module.send('output1', { frame: 1 });
    await once(hub, 'telemetry');
    await module.stop();
    assert.ok(lines.some((line) => line.includes('1 messages were not sent')));
  });

  it('gives messages to their input, with their properties', async () => {
    const module = make();
    const until = follow(module);
    const received = new Promise<{ text: string; kind: string | undefined }>((resolve) =>
      module.onInput('input1', ({ data, properties }) => resolve({ text: data.toString(), kind: properties.kind })),
    );
    module.start();
    await until(1);
    module.onMethod('late', () => ({ status: 202, payload: {} }));
    assert.deepEqual(await hub.invoke('late', null), { status: 202, payload: {} });
    const topic = 'devices/dev/modules/mod/inputs/#';
    while (!hub.session.subscriptions.has(topic)) await once(hub.session, 'subscribe');
    hub.session.publish('devices/dev/modules/mod/inputs/input1/%24.ct=application%2Fjson&kind=a%20b', '{"x":1}');
    assert.deepEqual(await received, { text: '{"x":1}', kind: 'a b' });
  });

  it('names what the environment lacks', () => {
    delete process.env.IOTEDGE_DEVICEID;
    assert.throws(() => make().start(), /IOTEDGE_DEVICEID not set/);
  });
});
