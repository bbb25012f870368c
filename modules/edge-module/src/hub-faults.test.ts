import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import { connectEdgeModule, type EdgeModule, type EdgeModuleOptions, type JsonObject, Spool } from './index.js';
import { createLog } from './log.js';
import { TestHub } from './testing/test-hub.js';

const TIMINGS = { firstRetry: 5, maxRetry: 20, close: 300, flush: 5000, twin: 1500, heartbeat: 100_000 };

/** What the SDK does by itself every 45 minutes. */
interface TokenProvider {
  getDeviceCredentials(...parameters: unknown[]): unknown;
  setTokenRenewalValues(validSeconds: number, marginSeconds: number): void;
}
const { SharedAccessKeyAuthenticationProvider } = createRequire(import.meta.url)(
  'azure-iot-device/dist/sak_authentication_provider.js',
) as { SharedAccessKeyAuthenticationProvider: { prototype: TokenProvider } };

describe('an edge module against a hub that misbehaves', { timeout: 60_000 }, () => {
  let hub: TestHub;
  let module: EdgeModule;
  let lines: string[];
  let seen: { desired: JsonObject; version: number; named: readonly string[] }[];
  let provider: TokenProvider;

  before(() => {
    const { prototype } = SharedAccessKeyAuthenticationProvider;
    const original = prototype.getDeviceCredentials;
    mock.method(prototype, 'getDeviceCredentials', function (this: TokenProvider, ...parameters: unknown[]) {
      provider = this;
      return original.apply(this, parameters);
    });
  });
  after(() => mock.restoreAll());
  beforeEach(async () => {
    hub = await TestHub.start();
    lines = [];
    seen = [];
  });
  afterEach(async () => {
    await module.stop();
    await hub.stop();
  });

  function start(timings: EdgeModuleOptions['timings'] = {}, options: Partial<EdgeModuleOptions> = {}): void {
    const log = createLog({ write: (line) => lines.push(line) });
    module = connectEdgeModule({ log, ...options, timings: { ...TIMINGS, ...timings } });
    module.onDesired((desired, version, named) => void seen.push({ desired, version, named: [...named] }));
    module.start();
  }
  async function until<T>(look: () => T | undefined): Promise<T> {
    for (let round = 0; ; round++) {
      const found = look();
      if (found) return found;
      assert.ok(round < 2000, lines.join(''));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  const version = (wanted: number) => until(() => seen.find((entry) => entry.version === wanted));
  const said = (text: RegExp) => until(() => lines.find((line) => text.test(line)));
  /** Signs a new token at once; the next one is not due for long. */
  async function renewToken(): Promise<void> {
    const session = once(hub, 'session');
    provider.setTokenRenewalValues(7200, 900);
    await session;
  }

  it('renews its token on the same session, and misses nothing', async () => {
    start();
    await version(1);
    await renewToken();
    assert.equal(hub.sessions.length, 2);
    hub.patchDesired({ rate: 2 });
    assert.deepEqual((await version(2)).desired, { rate: 2 });
    assert.deepEqual(await hub.invoke('ping', null), { status: 200, payload: { status: 'ok' } });
    module.send('output1', { frame: 1 });
    await once(hub, 'telemetry');
    assert.equal(module.counters.connections, 1);
  });

  it('subscribes anew when the hub has forgotten its session at a renewal', async () => {
    start({ heartbeat: 200, twin: 300 });
    await version(1);
    hub.forgetSessions();
    await renewToken();
    hub.patchDesired({ rate: 2 });
    assert.deepEqual((await version(2)).desired, { rate: 2 });
    assert.equal(module.counters.connections, 2);
    assert.deepEqual(await hub.invoke('ping', null), { status: 200, payload: { status: 'ok' } });
  });

  it('lives on when the runtime does not sign a renewed token', async () => {
    start();
    await version(1);
    hub.faults.refuseSigns = 2;
    provider.setTokenRenewalValues(7200, 900);
    await said(/hub: renewing the token: .*; next try in/);
    hub.patchDesired({ rate: 2 }, false);
    assert.deepEqual((await version(2)).desired, { rate: 2 });
    assert.ok(hub.faults.refuseSigns < 0);
  });

  it('comes back when the hub goes away at the first subscriptions, of methods, inputs and the twin', async () => {
    hub.faults.cutSubscriptions = 3;
    start();
    module.onInput('input1', () => {});
    await version(1);
    assert.ok(hub.sessions.length >= 2, `${hub.sessions.length} sessions`);
    assert.deepEqual(await hub.invoke('ping', null), { status: 200, payload: { status: 'ok' } });
  });

  it('goes on trying when a reconnection is refused, and says why', async () => {
    start();
    await version(1);
    hub.faults.refuse = 2;
    hub.session.destroy();
    await said(/hub: Connection refused: Not authorized error; next try in/);
    hub.patchDesired({ rate: 2 }, false);
    await version(2);
    assert.equal(module.counters.connections, 2);
  });

  it('takes a patch that comes while the twin is being read, once', async () => {
    hub.once('twinGet', () => hub.patchDesired({ rate: 2 }));
    start();
    const { desired } = await version(2);
    assert.deepEqual(desired, { rate: 2 });
    hub.patchDesired({ last: true });
    await version(3);
    assert.deepEqual(
      seen.map((entry) => entry.version),
      [2, 3],
    );
  });

  it('takes patches that come twice or in the wrong order once each, with what they name', async () => {
    start();
    await version(1);
    const publish = (number: number, patch: JsonObject) =>
      hub.session.publish(
        `$iothub/twin/PATCH/properties/desired/?$version=${number}`,
        JSON.stringify({ ...patch, $version: number }),
      );
    hub.patchDesired({ a: 1, list: [1, 2, 3] });
    await version(2);
    publish(2, { a: 1, list: [1, 2, 3] });
    hub.patchDesired({ list: [9] }, false);
    hub.patchDesired({ a: null }, false);
    publish(4, { a: null });
    publish(3, { list: [9] });
    const { desired, named } = await version(4);
    assert.deepEqual(desired, { list: [9] });
    assert.deepEqual([...named].sort(), ['a', 'list']);
    hub.patchDesired({ list: [9] });
    assert.deepEqual((await version(5)).named, ['list']);
    assert.deepEqual(
      seen.map((entry) => entry.version),
      [1, 2, 4, 5],
    );
  });

  it('sends what waited on disk while the hub and the module were away, first and in order', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'spool-'));
    try {
      const outbox = () => ({ spool: new Spool({ directory }) });
      start({}, { outbox: outbox() });
      await version(1);
      await hub.close();
      await said(/hub: .*; next try in/);
      for (const frame of [1, 2, 3]) module.send('output1', { frame });
      await module.stop();
      assert.ok(
        lines.some((line) => line.includes('3 messages wait on disk for the next start')),
        lines.join(''),
      );
      start({}, { outbox: outbox() });
      module.send('output1', { frame: 4 });
      assert.equal(module.counters.queued, 4);
      await hub.listen();
      await until(() => hub.telemetry.length >= 4 || undefined);
      assert.deepEqual(
        hub.telemetry.map(({ body }) => body),
        [1, 2, 3, 4].map((frame) => ({ frame })),
      );
      await until(() => module.counters.queued === 0 || undefined);
      assert.equal(module.counters.sent, 4);
    } finally {
      await module.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it('reports again when it was throttled', async () => {
    hub.faults.throttleReports = 1;
    start();
    module.report('slot', { state: 'END' });
    await hub.untilReported((reported) => 'slot' in reported);
    assert.deepEqual(hub.reported.slot, { state: 'END' });
    assert.ok(hub.faults.throttleReports < 0);
  });
});
