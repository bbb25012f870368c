import type { Subscription } from 'aedes';

export type QoS = Subscription['qos'];

/** What a topic of a module asks for (edgeHub's inboundTemplates; Azure IoT Hub's MQTT topics). */
export type InboundTopic =
  | { readonly kind: 'telemetry'; readonly deviceId: string; readonly moduleId: string; readonly bag: string }
  | { readonly kind: 'twin-get'; readonly rid: string }
  | { readonly kind: 'twin-report'; readonly rid: string | undefined }
  | { readonly kind: 'method-reply'; readonly status: number; readonly rid: string }
  /** A `$iothub/twin` topic that is no operation, or a request without the id its reply needs. */
  | { readonly kind: 'violation'; readonly reason: string }
  | { readonly kind: 'unknown' };

const TELEMETRY = /^devices\/([^/]+)\/modules\/([^/]+)\/messages\/events(?:\/(.*?)\/?)?$/;
const METHOD_REPLY = /^\$iothub\/methods\/res\/(-?\d{1,9})\/\?(.*)$/;
const TWIN_GET = '$iothub/twin/GET/';
const TWIN_REPORT = '$iothub/twin/PATCH/properties/reported/';

export function parseTopic(topic: string): InboundTopic {
  const telemetry = TELEMETRY.exec(topic);
  if (telemetry !== null) {
    const [, deviceId = '', moduleId = '', bag = ''] = telemetry;
    return { kind: 'telemetry', deviceId: decode(deviceId), moduleId: decode(moduleId), bag: bag.replace(/^\?/, '') };
  }
  if (topic.startsWith(TWIN_GET)) {
    const rid = requestId(topic.slice(TWIN_GET.length));
    return rid === undefined ? { kind: 'violation', reason: 'twin GET without $rid' } : { kind: 'twin-get', rid };
  }
  if (topic.startsWith(TWIN_REPORT)) return { kind: 'twin-report', rid: requestId(topic.slice(TWIN_REPORT.length)) };
  if (topic.startsWith('$iothub/twin/')) return { kind: 'violation', reason: `unknown twin operation ${topic}` };
  const reply = METHOD_REPLY.exec(topic);
  if (reply !== null) {
    const rid = requestId(`?${reply[2]}`);
    if (rid !== undefined) return { kind: 'method-reply', status: Number(reply[1]), rid };
  }
  return { kind: 'unknown' };
}

/** What a module can subscribe to; any other filter is granted and never matched, as edgeHub does. */
export type Feature = 'inputs' | 'methods' | 'twin-replies' | 'desired';

export function featureOf(filter: string): Feature | undefined {
  if (filter === '$iothub/methods/POST/#') return 'methods';
  if (filter === '$iothub/twin/res/#') return 'twin-replies';
  if (filter === '$iothub/twin/PATCH/properties/desired/#') return 'desired';
  return /^devices\/[^/]+\/modules\/[^/]+\/(?:inputs\/)?#$/.test(filter) ? 'inputs' : undefined;
}

function requestId(query: string): string | undefined {
  const rid = /^\?(?:.*&)?\$rid=([^&]+)/.exec(query)?.[1];
  return rid;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
