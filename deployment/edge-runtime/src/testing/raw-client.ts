import { createHmac } from 'node:crypto';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { DEVICE, HUB_NAME, type TestHub } from './hub-fixture.js';

/** A token as the SDKs make it. */
export function sasToken(key: Buffer, moduleId: string, options: { host?: string; expiry?: number } = {}): string {
  const resource = encodeURIComponent(`${options.host ?? HUB_NAME}/devices/${DEVICE}/modules/${moduleId}`);
  const expiry = options.expiry ?? Math.floor(Date.now() / 1000) + 3600;
  const signature = createHmac('sha256', key).update(`${resource}\n${expiry}`).digest('base64');
  return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}`;
}

/** A plain MQTT client with a module's identity; any option of the connection can be made wrong. */
export async function connectRaw(
  test: TestHub,
  moduleId: string,
  options: Partial<IClientOptions> = {},
): Promise<MqttClient> {
  const { key } = await test.identities.get(moduleId);
  return connectAsync(`mqtts://localhost:${test.hub.address.port}`, {
    clientId: `${DEVICE}/${moduleId}`,
    username: `${HUB_NAME}/${DEVICE}/${moduleId}/?api-version=2021-04-12`,
    password: sasToken(key, moduleId),
    ca: test.ca.caPem,
    clean: false,
    protocolVersion: 4,
    reconnectPeriod: 0,
    connectTimeout: 5000,
    ...options,
  });
}
