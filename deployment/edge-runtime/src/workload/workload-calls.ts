import { createHmac } from 'node:crypto';
import { isIP } from 'node:net';
import type { IssuedCertificate } from '../certificates/certificate-authority.js';
import { WorkloadError } from './workload-error.js';
import type { WorkloadApiOptions } from './workload-options.js';

interface WorkloadCall {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly body: string;
}

interface WorkloadReply {
  readonly status: number;
  readonly body: unknown;
}

type Handler = (call: WorkloadCall, options: WorkloadApiOptions) => WorkloadReply | Promise<WorkloadReply>;

/** As the edge daemon's edgelet-http/src/version.rs. */
const API_VERSIONS = new Set([
  '2018-06-28',
  '2019-01-30',
  '2019-10-22',
  '2019-11-05',
  '2020-07-07',
  '2021-12-07',
  '2022-08-03',
]);

/** Path, with `{name}` and `{genid}` where the module's own must stand, and the method. */
const CALLS: readonly (readonly [string, readonly string[], Handler])[] = [
  ['GET', ['trust-bundle'], (_call, { ca }) => ({ status: 200, body: { certificate: ca.caPem } })],
  ['GET', ['manifest-trust-bundle'], () => ({ status: 200, body: { certificate: '' } })],
  ['GET', ['modules'], (_call, { listModules }) => ({ status: 200, body: { modules: listModules() } })],
  ['POST', ['modules', '{name}', 'genid', '{genid}', 'sign'], sign],
  ['POST', ['modules', '{name}', 'genid', '{genid}', 'certificate', 'server'], issueServerCertificate],
  ['POST', ['modules', '{name}', 'certificate', 'identity'], issueIdentityCertificate],
];

/** Answers one call of a module; throws WorkloadError when it is refused. */
export async function handleWorkloadCall(call: WorkloadCall, options: WorkloadApiOptions): Promise<WorkloadReply> {
  const url = new URL(call.url, 'http://workload');
  checkApiVersion(url.searchParams.get('api-version'));
  const segments = decodeSegments(url.pathname);
  const matching = CALLS.filter(([, pattern]) => matches(pattern, segments));
  if (matching.length === 0) throw new WorkloadError(404, 'not found');
  const found = matching.find(([method]) => method === call.method);
  if (found === undefined) throw new WorkloadError(400, 'method not allowed');
  const [, pattern, handler] = found;
  checkCaller(pattern, segments, options);
  return handler(call, options);
}

function sign(call: WorkloadCall, { identity }: WorkloadApiOptions): WorkloadReply {
  const { data } = parseBody(call.body);
  if (typeof data !== 'string') throw new WorkloadError(422, '"data" must be base64 text');
  const digest = createHmac('sha256', identity.key).update(Buffer.from(data, 'base64')).digest('base64');
  return { status: 200, body: { digest } };
}

async function issueServerCertificate(
  call: WorkloadCall,
  { ca, identity }: WorkloadApiOptions,
): Promise<WorkloadReply> {
  if (call.body === '') throw new WorkloadError(400, 'missing request body');
  const { commonName } = parseBody(call.body);
  if (typeof commonName !== 'string' || !/^[\w.:-]{1,255}$/.test(commonName)) {
    throw new WorkloadError(422, '"commonName" must be a host name or an IP address');
  }
  const moduleName = identity.moduleId.replace(/^\$/, '');
  const names = isIP(commonName)
    ? { dnsNames: [moduleName], ipAddresses: [commonName] }
    : { dnsNames: [...new Set([commonName, moduleName])] };
  return certificateReply(await ca.issueServer({ commonName, ...names }));
}

async function issueIdentityCertificate(_call: WorkloadCall, options: WorkloadApiOptions): Promise<WorkloadReply> {
  const { ca, deviceId, hubHostName, identity } = options;
  return certificateReply(await ca.issueIdentity({ deviceId, hubHostName, moduleId: identity.moduleId }));
}

function certificateReply({ certPem, keyPem, expiration }: IssuedCertificate): WorkloadReply {
  return {
    status: 201,
    body: { privateKey: { type: 'key', bytes: keyPem }, certificate: certPem, expiration },
  };
}

function checkApiVersion(version: string | null): void {
  if (version === null) throw new WorkloadError(400, 'api-version not specified');
  if (!API_VERSIONS.has(version)) throw new WorkloadError(400, `invalid api-version "${version}"`);
}

function decodeSegments(pathname: string): readonly string[] {
  try {
    return pathname
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent);
  } catch {
    throw new WorkloadError(404, 'not found');
  }
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length && pattern.every((part, at) => part.startsWith('{') || part === segments[at])
  );
}

/** Each module has its own socket: what names another module or an older generation comes from the wrong place. */
function checkCaller(pattern: readonly string[], segments: readonly string[], { identity }: WorkloadApiOptions): void {
  const own = { '{name}': identity.moduleId, '{genid}': identity.generationId };
  for (const [at, part] of pattern.entries()) {
    if ((part === '{name}' || part === '{genid}') && segments[at] !== own[part]) {
      throw new WorkloadError(403, 'forbidden');
    }
  }
}

/** The Python SDK sends no Content-Type, so the body is JSON whatever the header says. */
function parseBody(body: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw new WorkloadError(422, `body is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null) throw new WorkloadError(422, 'body must be a JSON object');
  return value as Record<string, unknown>;
}
