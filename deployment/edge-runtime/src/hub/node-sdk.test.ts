import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import device from 'azure-iot-device';
import mqttTransport from 'azure-iot-device-mqtt';
import { DEVICE, HUB_NAME, startTestHub, type TestHub } from '../testing/hub-fixture.js';
import { until } from '../testing/until.js';
import { startWorkloadApi, type WorkloadApi } from '../workload/workload-api.js';

const { Message, ModuleClient } = device;

interface Module {
  readonly client: device.ModuleClient;
  close(): Promise<void>;
}

/** Opens a module as it opens on a device: from the environment that the agent injects, over the workload API. */
async function openModule(test: TestHub, moduleId: string): Promise<Module> {
  const identity = await test.identities.get(moduleId);
  const socketPath = join(test.dir, `${moduleId}.sock`);
  const workload: WorkloadApi = await startWorkloadApi({
    socketPath,
    deviceId: DEVICE,
    hubHostName: HUB_NAME,
    identity,
    ca: test.ca,
    listModules: () => [],
  });
  Object.assign(process.env, {
    IOTEDGE_WORKLOADURI: `unix://${socketPath}`,
    IOTEDGE_AUTHSCHEME: 'sasToken',
    IOTEDGE_MODULEGENERATIONID: identity.generationId,
    IOTEDGE_IOTHUBHOSTNAME: HUB_NAME,
    IOTEDGE_GATEWAYHOSTNAME: `localhost:${test.hub.address.port}`,
    IOTEDGE_DEVICEID: DEVICE,
    IOTEDGE_MODULEID: moduleId,
    IOTEDGE_APIVERSION: '2022-08-03',
  });
  const client = await ModuleClient.fromEnvironment(mqttTransport.Mqtt);
  client.on('error', () => {});
  await client.open();
  return {
    client,
    async close() {
      await client.close();
      await workload.close();
    },
  };
}

describe('the official Node SDK, from the environment', () => {
  let test: TestHub;
  let camera: Module;
  let scoring: Module;
  before(async () => {
    test = await startTestHub({
      up: 'FROM /messages/* INTO $upstream',
      frames: 'FROM /messages/modules/camera/outputs/frames INTO BrokeredEndpoint("/modules/scoring/inputs/in1")',
    });
    test.twins.replaceDesired('camera', { interval: 1, list: [1, 2, 3] });
    camera = await openModule(test, 'camera');
    scoring = await openModule(test, 'scoring');
  });
  after(async () => {
    await Promise.all([camera.close(), scoring.close()]);
    await test.stop();
  });

  it('sends to an output and receives at an input', async () => {
    const inputs: { input: string; message: device.Message }[] = [];
    scoring.client.on('inputMessage', (input: string, message: device.Message) => inputs.push({ input, message }));
    const message = new Message(JSON.stringify({ frame: 1 }));
    message.contentType = 'application/json';
    message.contentEncoding = 'utf-8';
    message.messageId = 'id 1';
    message.properties.add('kind', 'x/y&z');
    await camera.client.sendOutputEvent('frames', message);
    await camera.client.sendEvent(new Message('plain'));
    const first = await until('an input message', () => inputs[0]);
    assert.equal(first.input, 'in1');
    assert.deepEqual(JSON.parse(first.message.getBytes().toString()), { frame: 1 });
    assert.equal(first.message.properties.getValue('kind'), 'x/y&z');
    assert.equal(first.message.messageId, 'id 1');
    assert.equal(test.upstream.messages, 2);
  });

  it('reads, reports and follows its twin', async () => {
    const twin = await camera.client.getTwin();
    assert.deepEqual(twin.properties.desired.list, [1, 2, 3]);
    await new Promise<void>((resolve, reject) => {
      twin.properties.reported.update({ model: { code: 200 } }, (error: Error | undefined) =>
        error ? reject(error) : resolve(),
      );
    });
    assert.deepEqual(test.twins.get('camera').properties.reported.model, { code: 200 });
    const patches: Record<string, unknown>[] = [];
    twin.on('properties.desired', (patch: Record<string, unknown>) => patches.push(patch));
    // The subscription goes out now and the SDK does not say when it stands.
    await until('a patch', () => {
      if (patches.length < 2) test.twins.patchDesired('camera', { interval: 2 });
      return patches.length >= 2;
    });
    assert.equal(patches.at(-1)?.interval, 2);
  });

  it('answers methods', async () => {
    camera.client.onMethod('setInterval', (request, response) => {
      response?.send(200, { got: request?.payload }).catch(() => {});
    });
    const reply = await test.hub.invokeMethod('camera', 'setInterval', { ms: 5 }, { connectTimeoutMs: 10_000 });
    assert.deepEqual(reply, { status: 200, payload: { got: { ms: 5 } } });
    const unknown = await test.hub.invokeMethod('camera', 'nothing', {}, { responseTimeoutMs: 50 });
    assert.equal(unknown.status, 504, 'the SDK ignores methods it does not know');
  });

  it('sends a thousand messages in order', async () => {
    const frames: number[] = [];
    const listener = (_input: string, message: device.Message) => {
      frames.push(JSON.parse(message.getBytes().toString()).frame);
    };
    scoring.client.on('inputMessage', listener);
    for (let at = 0; at < 1000; at += 50) {
      const burst = Array.from({ length: 50 }, (_, index) => new Message(JSON.stringify({ frame: at + index })));
      await Promise.all(burst.map((message) => camera.client.sendOutputEvent('frames', message)));
    }
    await until('all frames', () => frames.length === 1000, 30_000);
    assert.deepEqual(frames, [...Array(1000).keys()]);
  });
});
