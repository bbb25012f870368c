import { createHmac, timingSafeEqual } from 'node:crypto';

export interface SasCheck {
  /** Host names the audience may name, compared without case. */
  readonly hosts: readonly string[];
  readonly deviceId: string;
  readonly moduleId: string;
  readonly key: Buffer;
  readonly now: Date;
}

const PREFIX = 'SharedAccessSignature ';

/**
 * Checks `SharedAccessSignature sr=…&sig=…&se=…` against a module's key.
 * Returns nothing when the token is good, else the reason (never the token itself).
 */
export function refuseSasToken(token: string, check: SasCheck): string | undefined {
  if (!token.startsWith(PREFIX)) return 'the password is not a shared access signature';
  const fields = new Map<string, string>();
  for (const pair of token.slice(PREFIX.length).split('&')) {
    const equals = pair.indexOf('=');
    if (equals > 0) fields.set(pair.slice(0, equals), pair.slice(equals + 1));
  }
  const resource = fields.get('sr');
  const signature = fields.get('sig');
  const expiry = fields.get('se');
  if (resource === undefined || signature === undefined || expiry === undefined) return 'the token lacks sr, sig or se';
  if (!/^\d{1,15}$/.test(expiry)) return 'se of the token is not a time in seconds';
  if (Number(expiry) * 1000 <= check.now.getTime()) return `the token expired at ${isoOfSeconds(expiry)}`;
  const audience = decode(resource)?.toLowerCase();
  const wanted = check.hosts.map((host) => `${host}/devices/${check.deviceId}/modules/${check.moduleId}`.toLowerCase());
  if (audience === undefined || !wanted.includes(audience)) return `the token is for "${audience ?? resource}"`;
  const given = Buffer.from(decode(signature) ?? '', 'base64');
  const expected = createHmac('sha256', check.key).update(`${resource}\n${expiry}`).digest();
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return "the signature is not the module's";
  return undefined;
}

/** `se` of a token that was accepted, in milliseconds. */
export function expiryOfSasToken(token: string): number {
  return Number(/[ &]se=(\d+)/.exec(token)?.[1] ?? 0) * 1000;
}

function isoOfSeconds(seconds: string): string {
  const time = new Date(Number(seconds) * 1000);
  return Number.isNaN(time.getTime()) ? seconds : time.toISOString();
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
