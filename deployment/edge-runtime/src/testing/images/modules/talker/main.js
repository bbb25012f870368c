// A module on the official SDK: echoes its desired properties, answers a method, passes input messages on.
import device from 'azure-iot-device';
import mqtt from 'azure-iot-device-mqtt';

const client = await device.ModuleClient.fromEnvironment(mqtt.Mqtt);
await client.open();
client.onMethod('echo', (request, response) => response.send(200, { echoed: request.payload }));
const twin = await client.getTwin();
twin.on('properties.desired', ({ colour, $version }) => {
  twin.properties.reported.update({ colour: colour ?? null, seen: $version }, () => {});
});
client.on('inputMessage', (_input, message) => {
  client.complete(message, () => {});
  const passed = new device.Message(message.getData());
  passed.contentType = 'application/json';
  passed.contentEncoding = 'utf-8';
  client.sendOutputEvent('passed', passed, () => {});
});
process.on('SIGTERM', () => process.exit(0));
console.log('ready');
