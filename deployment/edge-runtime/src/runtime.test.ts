import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { loadDeployment } from './agent/saved-deployment.js';
import { connectControl, listRuntimes, NoRuntimeError } from './control/client.js';
import { RuntimeRunningError } from './control/state-lock.js';
import { ManifestError } from './manifest/deployment.js';
import { startRuntime } from './runtime.js';
import { FIXTURE_IMAGES, fixtureManifest, get, isAlive, TestRuntime } from './testing/test-runtime.js';

type Probe = { pid: number; env: Record<string, string>; argv: string[] };
const isolations = process.platform === 'linux' ? (['namespaces', 'preload'] as const) : (['preload'] as const);

describe('deployments', () => {
  it('are taken in the order of the calls, and not while the runtime stops', async () => {
    const test = await TestRuntime.start({ isolation: 'preload', manifest: fixtureManifest({}) });
    const deploy = (n: string) =>
      test.runtime.deploy(fixtureManifest({ probe: { status: 'stopped', env: { N: n } } }), `number ${n}`);
    try {
      const replies = await Promise.all(['1', '2', '3'].map(deploy));
      const [first, second, third] = replies.map(({ version }) => version);
      assert.ok(first! < second! && second! < third!);
      const { deployment } = await test.runtime.status();
      assert.deepEqual([deployment.source, deployment.version], ['number 3', third]);
      assert.equal((await loadDeployment(test.stateDir))?.source, 'number 3');
      await test.until('the module', async () => (await test.module('probe')) !== undefined);
      const control = await connectControl(test.stateDir);
      await test.until(
        'the report',
        async () => (await control.twin('$edgeAgent')).properties.reported.lastDesiredVersion === third,
      );
    } finally {
      const stopping = test.runtime.stop('enough');
      await assert.rejects(deploy('4'), { code: 'STOPPING' });
      await stopping;
      await test.end();
    }
  });
});

for (const isolation of isolations) {
  describe(`modules as processes, by ${isolation}`, () => {
    it('gives a module what a container would have', async () => {
      process.env.EdgeHubConnectionString = 'HostName=leak';
      const data = await mkdtemp(path.join(tmpdir(), 'edgeslot-data-'));
      await writeFile(path.join(data, 'model.txt'), 'weights');
      const probe = {
        env: { SETTING: '1', HOST: '0.0.0.0' },
        createOptions: {
          Env: ['FROM_OPTIONS=yes'],
          Cmd: ['--fast'],
          HostConfig: {
            Binds: ['/var/lib/fixture-data:/edgeslot-fixture/data:ro'],
            PortBindings: { '8080/tcp': [{ HostPort: '18080' }] },
            Devices: [{ PathOnHost: '/dev/no-such-card', PathInContainer: '/dev/no-such-card' }],
          },
        },
      };
      const test = await TestRuntime.start({
        isolation,
        manifest: fixtureManifest({ probe, other: {} }),
        hostPaths: { '/var/lib/fixture-data': data },
      });
      try {
        const answer = await test.ask<Probe>('probe');
        const status = await test.module('probe');
        assert.equal(answer.pid, status?.pid, 'the pid is the module itself');
        assert.deepEqual(answer.argv, ['--fast']);
        const { env } = answer;
        assert.equal(env.HOST, status?.address);
        assert.equal(env.SETTING, '1');
        assert.equal(env.FROM_IMAGE, 'yes');
        assert.equal(env.FROM_OPTIONS, 'yes');
        assert.equal(env.IOTEDGE_MODULEID, 'probe');
        assert.equal(env.IOTEDGE_AUTHSCHEME, 'sasToken');
        assert.equal(env.EdgeHubConnectionString, undefined);
        assert.deepEqual(await test.ask('probe', `/read?path=${env.DATA_PATH}/model.txt`), { value: 'weights' });
        if (isolation === 'namespaces') {
          assert.equal(env.DATA_PATH, '/edgeslot-fixture/data');
          assert.deepEqual(await test.ask('probe', '/write?path=/edgeslot-fixture/data/x&text=y'), { error: 'EROFS' });
          await assert.rejects(
            readdir('/edgeslot-fixture'),
            { code: 'ENOENT' },
            'nothing is made on the machine itself',
          );
        }
        await test.ask('other');
        const other = await test.module('other');
        assert.deepEqual(await test.ask('probe', '/lookup?name=other'), { address: other?.address, family: 4 });
        const { gateway } = (await test.runtime.status()).runtime;
        assert.deepEqual(await test.ask('probe', '/lookup?name=edgeslot-gateway'), {
          address: gateway.split(':')[0],
          family: 4,
        });
        const published = status?.ports[0]?.host.split(':') ?? [];
        assert.equal(published[1], '18080');
        assert.equal((await get<Probe>(published[0] ?? '', 18080, '/')).pid, answer.pid);
        assert.ok(
          test.events.some(
            (event) =>
              event.type === 'module' &&
              event.event === 'warning' &&
              event.text === '/dev/no-such-card is not on this machine: left out',
          ),
        );
        assert.ok(
          test.events.some(
            (event) => event.type === 'log' && event.stream === 'stderr' && event.line === 'a line on stderr',
          ),
        );
        const log = path.join(test.stateDir, 'logs', 'probe.log');
        await test.until('the log file', async () =>
          (await readFile(log, 'utf8').catch(() => '')).includes('listening on'),
        );
      } finally {
        delete process.env.EdgeHubConnectionString;
        await test.end();
        await rm(data, { recursive: true });
      }
    });

    it('stops with SIGTERM, then SIGKILL, and leaves no grandchild, socket or lock', async () => {
      const test = await TestRuntime.start({
        isolation,
        manifest: fixtureManifest({
          polite: {},
          stubborn: { env: { STUBBORN: '1' }, createOptions: { StopTimeout: 1 } },
        }),
      });
      const { runDir } = (await test.runtime.status()).runtime;
      assert.ok((await listRuntimes()).includes(test.stateDir));
      const child = await test.ask<{ pid: number }>('stubborn', '/spawn');
      const pids = [child.pid, (await test.ask<Probe>('polite')).pid, (await test.ask<Probe>('stubborn')).pid];
      await test.runtime.stop('enough');
      await test.until('the last of them', () => !pids.some(isAlive), 2_000);
      const ends = test.events.flatMap((event) =>
        event.type === 'module' && event.event === 'stopped' ? [`${event.module} ${event.text}`] : [],
      );
      assert.deepEqual(ends.sort(), ['polite stopped: exit code 0', 'stubborn stopped: ended by SIGKILL']);
      await assert.rejects(readdir(runDir), { code: 'ENOENT' });
      assert.ok(!(await listRuntimes()).includes(test.stateDir));
      assert.ok(!(await readdir(test.stateDir)).includes('runtime.lock'));
      assert.equal(test.events.at(-1)?.type, 'stopped');
      await assert.rejects(connectControl(test.stateDir), NoRuntimeError);
      await test.end();
    });
  });
}

describe('the runtime', () => {
  it('replaces what a deployment changes and leaves the rest alone', async () => {
    const test = await TestRuntime.start({ manifest: fixtureManifest({ a: {}, b: {}, gone: {} }) });
    try {
      const [a, b] = [await test.ask<Probe>('a'), await test.ask<Probe>('b')];
      await test.ask('gone');
      const reply = await test.runtime.deploy(
        fixtureManifest({ a: {}, b: { env: { CHANGED: '1' } } }, { b: { colour: 'red' } }),
        'second',
      );
      assert.equal(reply.status.code, 200);
      const changed = await test.until('b to be replaced', async () => {
        const now = await test.ask<Probe>('b');
        return now.pid !== b.pid && now;
      });
      assert.equal(changed.env.CHANGED, '1');
      assert.equal((await test.ask<Probe>('a')).pid, a.pid);
      await test.until('gone to be removed', async () => (await test.module('gone')) === undefined);
      const control = await connectControl(test.stateDir);
      const inState = async (...names: string[]) => (await readdir(path.join(test.stateDir, ...names))).sort();
      await test.until('its identity to be forgotten', async () => (await inState('identities')).length === 2);
      assert.deepEqual(await inState('identities'), ['a.json', 'b.json']);
      const twin = await control.twin('b');
      assert.equal(twin.properties.desired.colour, 'red');
      const agent = await test.until('the report', async () => {
        const { reported } = (await control.twin('$edgeAgent')).properties;
        return Object.keys(reported.modules as object).length === 2 && reported;
      });
      assert.equal(agent.lastDesiredVersion, reply.version);
      assert.deepEqual(agent.lastDesiredStatus, { code: 200, description: '' });
    } finally {
      await test.end();
    }
  });

  it('refuses a bad deployment and keeps the last good one', async () => {
    const test = await TestRuntime.start({ manifest: fixtureManifest({ a: {} }) });
    try {
      const { pid } = await test.ask<Probe>('a');
      const broken = await test.runtime.deploy('{"modulesContent": {', 'broken.json');
      assert.equal(broken.status.code, 400);
      assert.match(broken.status.description, /broken\.json: not JSON at line 1 column 21/);
      const unknown = await test.runtime.deploy(fixtureManifest({ a: { image: 'nobody/has:this' } }), 'unknown.json');
      assert.equal(unknown.status.code, 500);
      assert.match(
        unknown.status.description,
        /nobody\/has:this is not known here; known repositories: fixtures\/probe, fixtures\/talker/,
      );
      await test.until('the failed pull', () =>
        test.events.some((event) => event.type === 'module' && event.event === 'failed'),
      );
      assert.equal((await test.ask<Probe>('a')).pid, pid, 'the old module keeps running');
    } finally {
      await test.end();
    }
  });

  it('says who has a port that is taken', async () => {
    const ports = { HostConfig: { PortBindings: { '8080/tcp': [{ HostPort: '18081' }] } } };
    const test = await TestRuntime.start({ manifest: fixtureManifest({ first: { createOptions: ports } }) });
    try {
      await test.ask('first');
      await test.runtime.deploy(
        fixtureManifest({ first: { createOptions: ports }, second: { createOptions: ports } }),
        'second',
      );
      const failed = await test.until('the failure', () =>
        test.events.find((event) => event.type === 'module' && event.event === 'failed'),
      );
      assert.ok(failed.type === 'module');
      assert.match(failed.text, new RegExp(`:18081 is taken by pid ${process.pid} \\(.+\\) \\(next try in 10 s\\)`));
      assert.equal((await test.module('second'))?.runtimeStatus, 'failed');
    } finally {
      await test.end();
    }
  });

  it('backs off when a module dies, and starts it at once when asked', async () => {
    const test = await TestRuntime.start({ manifest: fixtureManifest({ a: {} }) });
    try {
      const { pid } = await test.ask<Probe>('a');
      process.kill(pid, 'SIGKILL');
      const event = await test.until('the back-off', () =>
        test.events.find((one) => one.type === 'module' && one.event === 'backoff'),
      );
      assert.ok(event.type === 'module' && event.status?.runtimeStatus === 'backoff' && event.status.exitCode === 137);
      const control = await connectControl(test.stateDir);
      const reply = await control.method('$edgeAgent', 'RestartModule', { schemaVersion: '1.0', id: 'a' });
      assert.equal(reply.status, 200);
      assert.notEqual((await test.ask<Probe>('a')).pid, pid);
    } finally {
      await test.end();
    }
  });

  it('holds its state directory alone, and refuses a bad first manifest', async () => {
    const test = await TestRuntime.start({ manifest: fixtureManifest({}) });
    const again = { stateDir: test.stateDir, modulesRoot: FIXTURE_IMAGES };
    try {
      await assert.rejects(startRuntime({ ...again, manifest: fixtureManifest({}) }), (error) => {
        assert.ok(error instanceof RuntimeRunningError);
        assert.match(error.message, new RegExp(`pid ${process.pid}`));
        return true;
      });
      await test.runtime.stop('for the next');
      await assert.rejects(startRuntime({ ...again, manifest: '{}' }), ManifestError);
      const badTwin = fixtureManifest({ a: {} }, { a: { 'a name': 1 } });
      await assert.rejects(startRuntime({ ...again, manifest: badTwin }), ManifestError);
      // Nothing is left behind by the refusal, and the last good deployment is still there.
      const runtime = await startRuntime(again);
      await runtime.stop('done');
    } finally {
      await test.end();
    }
  });

  for (const isolation of isolations) {
    it(`carries the official SDK by ${isolation}: twin, method, input to output to upstream`, async () => {
      const manifest = fixtureManifest(
        { talker: { image: 'registry.example.com/fixtures/talker:2' } },
        { talker: { colour: 'green' } },
        { up: 'FROM /messages/modules/talker/outputs/* INTO $upstream' },
      );
      const test = await TestRuntime.start({ manifest, isolation });
      try {
        await test.until('ready', () => test.events.some((event) => event.type === 'log' && event.line === 'ready'));
        const control = await connectControl(test.stateDir);
        const seen: string[] = [];
        const watching = new AbortController();
        const watch = (async () => {
          for await (const event of control.events(watching.signal)) seen.push(event.type);
        })();
        await test.until('the listener', () => seen[0] === 'snapshot');
        await test.until(
          'the report',
          async () => (await control.twin('talker')).properties.reported.colour === 'green',
        );
        await control.patchTwin('talker', { colour: 'blue' });
        await test.until(
          'the new report',
          async () => (await control.twin('talker')).properties.reported.colour === 'blue',
        );
        assert.deepEqual(await control.method('talker', 'echo', { n: 1 }), {
          status: 200,
          payload: { echoed: { n: 1 } },
        });
        await control.sendMessage({ module: 'talker', input: 'input1', data: { frame: 7 } });
        const message = await test.until('the message', () => test.events.find((event) => event.type === 'message'));
        assert.ok(message.type === 'message');
        assert.deepEqual([message.output, message.sink, message.body], ['passed', '$upstream', { frame: 7 }]);
        assert.equal((await test.module('talker'))?.connected, true);
        await test.until('the events at the listener', () => seen.includes('twin') && seen.includes('message'));
        await assert.rejects(control.twin('taker'), /did you mean talker/);
        watching.abort();
        await watch;
        await control.stop();
        assert.equal(await control.gone(10_000), true);
      } finally {
        await test.end();
      }
    });
  }
});
