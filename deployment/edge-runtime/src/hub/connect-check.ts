import type { ConnectPacket } from 'aedes';
import type { ModuleIdentities } from '../identity/module-identities.js';
import { refuseSasToken } from '../identity/sas-token.js';

export interface ConnectRules {
  readonly deviceId: string;
  readonly hubHostName: string;
  readonly gatewayHostName: string;
  readonly identities: ModuleIdentities;
}

export type ConnectVerdict =
  | { readonly accepted: true; readonly moduleId: string }
  | { readonly accepted: false; readonly returnCode: 1 | 3 | 5; readonly reason: string };

const UNACCEPTABLE_PROTOCOL = 1;
/** What edgeHub answers to any failure that is not a credential's, a user name that does not parse among them. */
const SERVER_UNAVAILABLE = 3;
const NOT_AUTHORIZED = 5;

/** Checks a CONNECT as edgeHub does: protocol, user name, client id, token. */
export function checkConnect(packet: ConnectPacket, rules: ConnectRules, now = new Date()): ConnectVerdict {
  if (packet.protocolVersion !== 4) {
    return refuse(UNACCEPTABLE_PROTOCOL, `MQTT protocol level ${packet.protocolVersion}, expected 4 (MQTT 3.1.1)`);
  }
  const user = parseUserName(packet.username ?? '');
  if (user === undefined) {
    return refuse(
      SERVER_UNAVAILABLE,
      `user name "${packet.username ?? ''}" is not of the form hub/device/module/?api-version=…`,
    );
  }
  const { deviceId, moduleId } = user;
  const clientId = moduleId === undefined ? deviceId : `${deviceId}/${moduleId}`;
  if (packet.clientId !== clientId) {
    return refuse(NOT_AUTHORIZED, `client id "${packet.clientId}" does not fit the user name, expected "${clientId}"`);
  }
  if (deviceId !== rules.deviceId) {
    return refuse(NOT_AUTHORIZED, `device "${deviceId}" is not this device, "${rules.deviceId}"`);
  }
  if (moduleId === undefined) return refuse(NOT_AUTHORIZED, 'a device connects, only its modules may');
  const identity = rules.identities.find(moduleId);
  if (identity === undefined) return refuse(NOT_AUTHORIZED, `there is no module "${moduleId}"`);
  if (packet.password === undefined) return refuse(NOT_AUTHORIZED, 'no password');
  const reason = refuseSasToken(packet.password.toString('utf8'), {
    hosts: [rules.hubHostName, rules.gatewayHostName],
    deviceId,
    moduleId,
    key: identity.key,
    now,
  });
  return reason === undefined ? { accepted: true, moduleId } : refuse(NOT_AUTHORIZED, reason);
}

/** `hub/device[/module]/?api-version=…&…`; the question mark may be missing, unknown properties are ignored. */
export function parseUserName(name: string): { deviceId: string; moduleId?: string } | undefined {
  const match = /^([^/?]+)\/([^/?]+)(?:\/([^/?=]+))?\/\??([^/?]*=[^?]*)$/.exec(name);
  if (match === null) return undefined;
  const [, , deviceId, moduleId, properties] = match as unknown as [string, string, string, string | undefined, string];
  const hasVersion = properties.split(/[&/]/).some((pair) => /^api-version=.+/.test(pair));
  if (!hasVersion) return undefined;
  try {
    const device = decodeURIComponent(deviceId);
    return moduleId === undefined ? { deviceId: device } : { deviceId: device, moduleId: decodeURIComponent(moduleId) };
  } catch {
    return undefined;
  }
}

function refuse(returnCode: 1 | 3 | 5, reason: string): ConnectVerdict {
  return { accepted: false, returnCode, reason };
}
