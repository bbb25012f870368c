/** Wire names of system properties (edgeHub's SystemProperties.cs) and the names that routes use. */
const INCOMING = new Map([
  ['$.exp', 'absolute-expiry-time'],
  ['$.cid', 'cid'],
  ['$.mid', 'messageId'],
  ['$.to', 'to'],
  ['$.uid', 'userId'],
  ['ack', 'ack'],
  ['$.on', 'outputName'],
  ['$.ct', 'contentType'],
  ['$.ce', 'contentEncoding'],
  ['$.schema', 'messageSchema'],
  ['$.ctime', 'creationTime'],
  ['$.sub', 'dt-subject'],
  ['$.ifid', 'iothub-interface-id'],
  ['iothub-operation', 'operation'],
]);

/** Outgoing, the sender is told and the output is not. */
const OUTGOING = new Map<string, string>([
  ...[...INCOMING]
    .filter(([wire]) => wire !== '$.on' && wire !== '$.ifid')
    .map(([wire, name]): [string, string] => [name, wire]),
  ['connectionDeviceId', '$.cdid'],
  ['connectionModuleId', '$.cmid'],
]);

export interface MessageProperties {
  readonly properties: Record<string, string>;
  readonly systemProperties: Record<string, string>;
}

/** Parses the property part of a topic, `%24.on=o&kind=a%2Fb`; throws when it is not well formed. */
export function parsePropertyBag(text: string): MessageProperties {
  const properties = new Map<string, string>();
  const systemProperties = new Map<string, string>();
  const seen = new Set<string>();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const key = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1));
    const lower = key.toLowerCase();
    if (seen.has(lower)) throw new Error(`property "${key}" stands twice (names are compared without case)`);
    seen.add(lower);
    const system = INCOMING.get(key);
    if (system === undefined) properties.set(key, value);
    else systemProperties.set(system, value);
  }
  return { properties: Object.fromEntries(properties), systemProperties: Object.fromEntries(systemProperties) };
}

export function formatPropertyBag({ properties, systemProperties }: MessageProperties): string {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(systemProperties)) {
    const wire = OUTGOING.get(name);
    if (wire !== undefined) pairs.push(`${encodeURIComponent(wire)}=${encodeURIComponent(value)}`);
  }
  for (const [name, value] of Object.entries(properties)) {
    pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  }
  return pairs.join('&');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(`property part "${text.slice(0, 64)}" is not percent-encoded text`);
  }
}
