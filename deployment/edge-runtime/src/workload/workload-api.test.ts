import assert from 'node:assert/strict';
import { createHmac, X509Certificate } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openCertificateAuthority } from '../certificates/certificate-authority.js';
import { openModuleIdentities } from '../identity/module-identities.js';
import { until } from '../testing/until.js';
import { startWorkloadApi, type WorkloadApi, type WorkloadApiOptions } from './workload-api.js';

const VERSION = 'api-version=2018-06-28';

describe('workload API', () => {
  let dir: string;
  let options: WorkloadApiOptions;
  let api: WorkloadApi;
  let own: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeslot-workload-'));
    const identities = await openModuleIdentities(join(dir, 'identities'));
    const identity = await identities.get('$odd module');
    own = `/modules/%24odd%20module/genid/${identity.generationId}`;
    options = {
      socketPath: join(dir, 'run', 'm.sock'),
      deviceId: 'd',
      hubHostName: 'hub',
      identity,
      ca: await openCertificateAuthority(join(dir, 'ca')),
      listModules: () => [
        {
          id: 'm',
          name: 'm',
          type: 'docker',
          config: { settings: {}, env: [] },
          status: { runtimeStatus: { status: 'running' } },
        },
      ],
    };
    api = await startWorkloadApi(options);
  });
  after(async () => {
    await api.close();
    await rm(dir, { recursive: true, force: true });
  });

  async function call(
    method: string,
    path: string,
    body?: string,
  ): Promise<{ status: number; type: string; json: Record<string, unknown> }> {
    return new Promise((resolve, reject) => {
      const sent = request({ socketPath: options.socketPath, method, path, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers['content-type'] ?? '',
            json: JSON.parse(text) as Record<string, unknown>,
          });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  it('signs with the module’s key, without a Content-Type too', async () => {
    const data = Buffer.from('hub%2Fdevices%2Fd\n123');
    const reply = await call(
      'POST',
      `${own}/sign?${VERSION}`,
      JSON.stringify({ keyId: 'primary', algo: 'HMACSHA256', data: data.toString('base64') }),
    );
    assert.equal(reply.status, 200);
    assert.equal(reply.type, 'application/json');
    assert.equal(reply.json.digest, createHmac('sha256', options.identity.key).update(data).digest('base64'));
  });

  it('gives the trust bundle and certificates', async () => {
    assert.equal((await call('GET', `/trust-bundle?${VERSION}`)).json.certificate, options.ca.caPem);
    assert.equal((await call('GET', `/manifest-trust-bundle?${VERSION}`)).json.certificate, '');
    const server = await call(
      'POST',
      `${own}/certificate/server?${VERSION}`,
      JSON.stringify({ commonName: '10.0.0.7', expiration: 'x' }),
    );
    assert.equal(server.status, 201);
    const leaf = new X509Certificate(server.json.certificate as string);
    assert.ok(leaf.checkIP('10.0.0.7'));
    assert.match((server.json.privateKey as { bytes: string }).bytes, /BEGIN PRIVATE KEY/);
    const identity = await call('POST', `/modules/%24odd%20module/certificate/identity?${VERSION}`);
    assert.equal(identity.status, 201);
  });

  it('lists modules', async () => {
    assert.deepEqual((await call('GET', `/modules/?${VERSION}`)).json.modules, options.listModules());
  });

  it('refuses in the daemon’s words', async () => {
    const { generationId } = options.identity;
    const table: [string, string, string | undefined, number, string][] = [
      ['GET', '/trust-bundle', undefined, 400, 'api-version not specified'],
      ['GET', '/trust-bundle?api-version=1', undefined, 400, 'invalid api-version "1"'],
      ['GET', `/nothing?${VERSION}`, undefined, 404, 'not found'],
      ['GET', `/%ZZ?${VERSION}`, undefined, 404, 'not found'],
      ['GET', `${own}/sign?${VERSION}`, undefined, 400, 'method not allowed'],
      ['POST', `/modules/other/genid/${generationId}/sign?${VERSION}`, '{}', 403, 'forbidden'],
      ['POST', `/modules/%24odd%20module/genid/1/sign?${VERSION}`, '{}', 403, 'forbidden'],
      ['POST', `${own}/sign?${VERSION}`, '{', 422, ''],
      ['POST', `${own}/sign?${VERSION}`, '{}', 422, ''],
      ['POST', `${own}/certificate/server?${VERSION}`, '', 400, 'missing request body'],
      ['POST', `${own}/certificate/server?${VERSION}`, '{"commonName":"a b"}', 422, ''],
      ['POST', `${own}/sign?${VERSION}`, 'x'.repeat(300_000), 413, ''],
    ];
    for (const [method, path, body, status, message] of table) {
      const reply = await call(method, path, body);
      assert.equal(reply.status, status, `${method} ${path}`);
      if (message !== '') assert.equal(reply.json.message, message);
      assert.equal(typeof reply.json.message, 'string');
    }
  });

  it('closes the eleventh connection, and all when it stops', async () => {
    const sockets: Socket[] = [];
    let closed = 0;
    for (let at = 0; at < 11; at += 1) {
      const socket = connect(options.socketPath);
      socket.on('close', () => {
        closed += 1;
      });
      socket.on('error', () => {});
      sockets.push(socket);
    }
    await until('one closed', () => closed === 1);
    await api.close();
    await until('all closed', () => closed === 11);
    await writeFile(options.socketPath, '');
    api = await startWorkloadApi(options);
    assert.equal((await call('GET', `/trust-bundle?${VERSION}`)).status, 200, 'a stale file is replaced');
    assert.equal((await stat(options.socketPath)).mode & 0o777, 0o600);
    await assert.rejects(startWorkloadApi(options), /in use/);
    await assert.rejects(
      startWorkloadApi({ ...options, socketPath: `/tmp/${'x'.repeat(120)}` }),
      /a unix socket may have/,
    );
  });
});
