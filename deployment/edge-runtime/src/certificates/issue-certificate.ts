import { randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

export interface IssuedCertificate {
  /** Leaf first, then the authority. */
  readonly certPem: string;
  /** PKCS #8. */
  readonly keyPem: string;
  /** RFC 3339. */
  readonly expiration: string;
}

export interface Issuer {
  readonly certificate: x509.X509Certificate;
  readonly privateKey: webcrypto.CryptoKey;
}

export const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

const DAY_MS = 24 * 60 * 60 * 1000;
/** Upper bound of a common name (RFC 5280, ub-common-name). */
const COMMON_NAME_MAX = 64;

/** Makes a key and a certificate for it, never with a longer life than the issuer's own. */
export async function issueLeaf(
  issuer: Issuer,
  leaf: {
    readonly commonName: string;
    readonly names: readonly x509.JsonGeneralName[];
    readonly usage: x509.ExtendedKeyUsage;
    readonly from: Date;
    readonly days: number;
  },
): Promise<IssuedCertificate> {
  const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
  const end = Math.min(leaf.from.getTime() + leaf.days * DAY_MS, issuer.certificate.notAfter.getTime());
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ CN: [leaf.commonName.slice(0, COMMON_NAME_MAX)] }],
    issuer: issuer.certificate.subject,
    // A container's clock may lag behind the host's a little.
    notBefore: new Date(leaf.from.getTime() - 60 * 60 * 1000),
    notAfter: new Date(end),
    publicKey: keys.publicKey,
    signingKey: issuer.privateKey,
    signingAlgorithm: KEY_ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([leaf.usage]),
      new x509.SubjectAlternativeNameExtension([...leaf.names]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.certificate.publicKey),
    ],
  });
  return {
    certPem: `${certificate.toString('pem')}\n${issuer.certificate.toString('pem')}\n`,
    keyPem: `${await toPem(keys.privateKey)}\n`,
    expiration: new Date(end).toISOString(),
  };
}

export async function toPem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

/** 127 random bits; the leading byte keeps the number positive and not zero. */
export function newSerial(): string {
  return `01${randomBytes(15).toString('hex')}`;
}
