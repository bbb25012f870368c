import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { writeFileAtomic } from '../storage/write-file-atomic.js';
import {
  type IssuedCertificate,
  type Issuer,
  issueLeaf,
  KEY_ALGORITHM,
  newSerial,
  toPem,
} from './issue-certificate.js';

export type { IssuedCertificate } from './issue-certificate.js';

export interface ServerCertificateRequest {
  readonly commonName: string;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** Life in days; 90 by default. */
  readonly days?: number;
}

export interface CertificateAuthority {
  /** What clients must trust. */
  readonly caPem: string;
  issueServer(request: ServerCertificateRequest): Promise<IssuedCertificate>;
  /** A client certificate as the edge daemon makes it: one SAN `URI: azureiot://hub/devices/D/modules/M` of type DNS. */
  issueIdentity(request: {
    readonly hubHostName: string;
    readonly deviceId: string;
    readonly moduleId: string;
    readonly days?: number;
  }): Promise<IssuedCertificate>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const LIFE_DAYS = 365;
/** An authority with less life than this is renewed when it is opened, so that no run outlives it. */
const RENEW_BEFORE_DAYS = 60;

/**
 * Opens the runtime's own certificate authority in `dir` (0700; files 0600), making it on first use and renewing it
 * when its end is near or its files cannot be read.
 */
export async function openCertificateAuthority(
  dir: string,
  options: { readonly now?: () => Date } = {},
): Promise<CertificateAuthority> {
  const now = options.now ?? (() => new Date());
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, 'authority.pem');
  const issuer = (await loadIssuer(path, now())) ?? (await createIssuer(path, now()));
  return {
    caPem: issuer.certificate.toString('pem'),
    issueServer: ({ commonName, dnsNames = [], ipAddresses = [], days = 90 }) =>
      issueLeaf(issuer, {
        commonName,
        names: [
          ...dnsNames.map((value): x509.JsonGeneralName => ({ type: 'dns', value })),
          ...ipAddresses.map((value): x509.JsonGeneralName => ({ type: 'ip', value })),
        ],
        usage: x509.ExtendedKeyUsage.serverAuth,
        from: now(),
        days,
      }),
    issueIdentity: ({ hubHostName, deviceId, moduleId, days = 7 }) =>
      issueLeaf(issuer, {
        commonName: moduleId,
        names: [{ type: 'dns', value: `URI: azureiot://${hubHostName}/devices/${deviceId}/modules/${moduleId}` }],
        usage: x509.ExtendedKeyUsage.clientAuth,
        from: now(),
        days,
      }),
  };
}

async function loadIssuer(path: string, now: Date): Promise<Issuer | undefined> {
  try {
    const [certificate, key] = x509.PemConverter.decodeWithHeaders(await readFile(path, 'utf8'));
    if (certificate?.type !== 'CERTIFICATE' || key?.type !== 'PRIVATE KEY') return undefined;
    const parsed = new x509.X509Certificate(certificate.rawData);
    if (parsed.notAfter.getTime() - now.getTime() < RENEW_BEFORE_DAYS * DAY_MS) return undefined;
    const privateKey = await webcrypto.subtle.importKey('pkcs8', key.rawData, KEY_ALGORITHM, true, ['sign']);
    return { certificate: parsed, privateKey };
  } catch {
    // Missing or damaged: a new authority is as good, every certificate is issued again at start.
    return undefined;
  }
}

async function createIssuer(path: string, now: Date): Promise<Issuer> {
  const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ CN: ['Edgeslot local authority'] }],
    notBefore: new Date(now.getTime() - DAY_MS),
    notAfter: new Date(now.getTime() + LIFE_DAYS * DAY_MS),
    keys,
    signingAlgorithm: KEY_ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const pem = `${certificate.toString('pem')}\n${await toPem(keys.privateKey)}\n`;
  await writeFileAtomic(path, pem);
  return { certificate, privateKey: keys.privateKey };
}
