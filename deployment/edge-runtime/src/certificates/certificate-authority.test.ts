import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openCertificateAuthority } from './certificate-authority.js';

const DAY_MS = 24 * 60 * 60 * 1000;

describe('certificate authority', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeslot-ca-'));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  it('is kept, with nobody else to read it', async () => {
    const first = await openCertificateAuthority(dir);
    const second = await openCertificateAuthority(dir);
    assert.equal(first.caPem, second.caPem);
    assert.ok(new X509Certificate(first.caPem).ca);
    assert.equal((await stat(join(dir, 'authority.pem'))).mode & 0o777, 0o600);
  });

  it('issues server certificates for names and addresses', async () => {
    const ca = await openCertificateAuthority(dir);
    const { certPem, expiration } = await ca.issueServer({
      commonName: 'gateway',
      dnsNames: ['gateway', 'localhost'],
      ipAddresses: ['127.0.0.1', '::1'],
      days: 10,
    });
    const leaf = new X509Certificate(certPem);
    const authority = new X509Certificate(ca.caPem);
    assert.ok(leaf.verify(authority.publicKey) && leaf.checkIssued(authority));
    for (const host of ['gateway', 'localhost']) assert.ok(leaf.checkHost(host));
    for (const address of ['127.0.0.1', '::1']) assert.ok(leaf.checkIP(address));
    assert.equal(leaf.checkHost('other'), undefined);
    assert.equal(new Date(expiration).toISOString().slice(0, 19), new Date(leaf.validTo).toISOString().slice(0, 19));
    assert.equal(certPem.match(/BEGIN CERTIFICATE/g)?.length, 2, 'leaf and authority');
  });

  it('issues identity certificates that name the module', async () => {
    const ca = await openCertificateAuthority(dir);
    const { certPem } = await ca.issueIdentity({ hubHostName: 'hub', deviceId: 'd', moduleId: 'm' });
    assert.match(new X509Certificate(certPem).subjectAltName ?? '', /URI: azureiot:\/\/hub\/devices\/d\/modules\/m/);
  });

  it('is renewed near its end and when its file is damaged; no leaf outlives it', async () => {
    const { caPem } = await openCertificateAuthority(dir);
    const later = new Date(Date.now() + 310 * DAY_MS);
    const renewed = await openCertificateAuthority(dir, { now: () => later });
    assert.notEqual(renewed.caPem, caPem);
    const { expiration } = await renewed.issueServer({ commonName: 'x', dnsNames: ['x'], days: 4000 });
    assert.ok(new Date(expiration) <= new Date(new X509Certificate(renewed.caPem).validTo));
    await writeFile(join(dir, 'authority.pem'), 'garbage');
    assert.ok((await openCertificateAuthority(dir)).caPem.includes('BEGIN CERTIFICATE'));
  });
});
