import assert from 'node:assert/strict';
import { test } from 'node:test';
import { healthServerMethods, ServingStatus } from './health.js';
import { reflected, root } from './reflection.fixture.js';

const StockRequest = reflected('grpc.health.v1.HealthCheckRequest');
const StockResponse = reflected('grpc.health.v1.HealthCheckResponse');
const StockList = reflected('grpc.health.v1.HealthListResponse');
const { Check, List, Watch } = healthServerMethods;

test('a question is read as an encoder made from the .proto texts writes it, and the other way round', () => {
  for (const service of ['', 'tensorflow.serving.PredictionService']) {
    const bytes = Buffer.from(StockRequest.encode({ service }).finish());
    assert.deepEqual(Check.requestDeserialize(bytes), { service });
    assert.deepEqual(Watch.requestDeserialize(bytes), { service });
    assert.deepEqual({ ...StockRequest.decode(Check.requestSerialize({ service })) }, service ? { service } : {});
  }
  assert.ok('malformed' in Check.requestDeserialize(Buffer.from([0x0a, 9])));
});

test('statuses have the numbers of the public enum', () => {
  const { values } = root.lookupEnum('grpc.health.v1.HealthCheckResponse.ServingStatus');
  assert.deepEqual({ ...ServingStatus }, { ...values });
  for (const status of Object.values(ServingStatus)) {
    const read = StockResponse.toObject(StockResponse.decode(Check.responseSerialize({ status })), { defaults: true });
    assert.deepEqual(read, { status });
  }
  const statuses = new Map([
    ['', { status: ServingStatus.SERVING }],
    ['a', { status: ServingStatus.UNKNOWN }],
  ]);
  const list = StockList.toObject(StockList.decode(List.responseSerialize({ statuses })), { defaults: true });
  assert.deepEqual(list, { statuses: { '': { status: 1 }, a: { status: 0 } } });
});

test('the methods are those of the service', () => {
  const { fullName, methods } = root.lookupService('grpc.health.v1.Health');
  for (const [name, method] of Object.entries(healthServerMethods)) {
    assert.equal(method.path, `/${fullName.slice(1)}/${name}`);
    assert.equal(method.responseStream, methods[name]?.responseStream ?? false);
  }
});
