import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decodeGetModelStatusRequest,
  decodeGetModelStatusResponse,
  encodeGetModelStatusRequest,
  encodeGetModelStatusResponse,
  ModelState,
} from './get-model-status.js';
import type { ModelConfig } from './model-server-config.js';
import { getModelStatusServerMethod, reloadConfigServerMethod } from './model-service.js';
import { modelService, reflected } from './reflection.fixture.js';
import {
  decodeReloadConfigRequest,
  decodeReloadConfigResponse,
  encodeReloadConfigRequest,
  encodeReloadConfigResponse,
} from './reload-config.js';
import type { VersionPolicy } from './version-policy.js';

const StockStatusRequest = reflected('tensorflow.serving.GetModelStatusRequest');
const StockStatusResponse = reflected('tensorflow.serving.GetModelStatusResponse');
const StockReloadRequest = reflected('tensorflow.serving.ReloadConfigRequest');
const StockReloadResponse = reflected('tensorflow.serving.ReloadConfigResponse');

/** protobufjs keeps maps in plain objects, which cannot have a key `__proto__`. */
const name = fc.string({ maxLength: 20, unit: 'grapheme' }).filter((text) => text !== '__proto__');
const version = fc.integer({ min: 0, max: 2 ** 40 });
const statusProto = fc.record(
  { errorCode: fc.integer({ min: 0, max: 16 }), errorMessage: name },
  { noNullPrototype: true },
);

const policy: fc.Arbitrary<VersionPolicy | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.constant({ kind: 'all' as const }),
  fc.nat(9).map((numVersions) => ({ kind: 'latest' as const, numVersions })),
  fc.array(version, { maxLength: 3 }).map((versions) => ({ kind: 'specific' as const, versions })),
);
const modelConfig: fc.Arbitrary<ModelConfig> = fc
  .record({
    name,
    basePath: name,
    modelType: fc.nat(2),
    modelPlatform: name,
    labels: fc.dictionary(name, version, { maxKeys: 2, noNullPrototype: true }),
    policy,
  })
  .map(({ labels, policy, ...rest }) => ({
    ...rest,
    versionLabels: new Map(Object.entries(labels)),
    ...(policy && { versionPolicy: policy }),
  }));

test('a question for states survives ours, and a decoder made from the .proto texts reads it', () => {
  fc.assert(
    fc.property(name, version, (model, number) => {
      const request = { modelSpec: { name: model, version: number, signatureName: '' } };
      const bytes = encodeGetModelStatusRequest(request);
      assert.deepEqual(decodeGetModelStatusRequest(bytes), request);
      const read = StockStatusRequest.toObject(StockStatusRequest.decode(bytes), { longs: Number, defaults: true });
      assert.deepEqual([read.modelSpec.name, read.modelSpec.version.value], [model, number]);
    }),
  );
  assert.deepEqual(decodeGetModelStatusRequest(encodeGetModelStatusRequest({})), {});
});

test('states survive both ways', () => {
  const state = fc.constantFrom(...Object.values(ModelState));
  const one = fc.record({ version, state, status: statusProto }, { noNullPrototype: true });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 4 }), (modelVersionStatus) => {
      const bytes = encodeGetModelStatusResponse({ modelVersionStatus });
      assert.deepEqual(decodeGetModelStatusResponse(bytes), { modelVersionStatus });
      const read = StockStatusResponse.toObject(StockStatusResponse.decode(bytes), { longs: Number, defaults: true });
      assert.deepEqual(read, { modelVersionStatus });
      const again = StockStatusResponse.encode(StockStatusResponse.fromObject(read)).finish();
      assert.deepEqual(decodeGetModelStatusResponse(again), { modelVersionStatus });
    }),
  );
});

test('a config survives both ways', () => {
  fc.assert(
    fc.property(fc.array(modelConfig, { maxLength: 3 }), (models) => {
      const request = { config: { kind: 'models' as const, models } };
      const bytes = encodeReloadConfigRequest(request);
      assert.deepEqual(decodeReloadConfigRequest(bytes), request);
      const stock = StockReloadRequest.decode(bytes);
      const { config } = StockReloadRequest.toObject(stock, { longs: Number, defaults: true });
      assert.deepEqual(
        config.modelConfigList.config.map((model: { name: string; basePath: string }) => [model.name, model.basePath]),
        models.map((model) => [model.name, model.basePath]),
      );
      assert.deepEqual(decodeReloadConfigRequest(StockReloadRequest.encode(stock).finish()), request);
    }),
  );
});

test('another kind of config is told from a list, and the kind that comes last counts', () => {
  const custom = Buffer.from(StockReloadRequest.encode({ config: { customModelConfig: { type_url: 'x' } } }).finish());
  const list = (...names: string[]) =>
    encodeReloadConfigRequest({
      config: {
        kind: 'models',
        models: names.map((name) => ({
          ...{ name, basePath: '', modelType: 0, modelPlatform: '', versionLabels: new Map() },
        })),
      },
    });
  const read = (...parts: Buffer[]) => {
    const { config } = decodeReloadConfigRequest(Buffer.concat(parts));
    return [config?.kind, ...(config?.models ?? []).map(({ name }) => name)];
  };
  assert.deepEqual(read(), [undefined]);
  assert.deepEqual(read(custom), ['custom']);
  assert.deepEqual(read(custom, list('a')), ['models', 'a']);
  assert.deepEqual(read(list('a'), list('b', 'c')), ['models', 'a', 'b', 'c']);
  assert.deepEqual(read(list('a'), custom), ['custom']);
});

test('the answer to a config survives both ways', () => {
  fc.assert(
    fc.property(statusProto, (status) => {
      const bytes = encodeReloadConfigResponse({ status });
      assert.deepEqual(decodeReloadConfigResponse(bytes), { status });
      const read = StockReloadResponse.toObject(StockReloadResponse.decode(bytes), { defaults: true });
      assert.deepEqual(read, { status, metric: [] });
    }),
  );
});

test('no bytes at all make the deserializers throw, and what is broken is marked', () => {
  const valid = encodeReloadConfigRequest({
    config: {
      kind: 'models',
      models: [
        {
          ...{ name: 'm', basePath: '/models/m', modelType: 1, modelPlatform: 'tensorflow' },
          versionPolicy: { kind: 'specific', versions: [1, 300] },
          versionLabels: new Map([['stable', 1]]),
        },
      ],
    },
  });
  let malformed = 0;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(valid.length - 1), fc.nat(255), (noise, at, value) => {
      const altered = Buffer.from(valid);
      altered[at] = value;
      for (const body of [Buffer.from(noise), valid.subarray(0, at), altered]) {
        for (const method of [getModelStatusServerMethod, reloadConfigServerMethod]) {
          if ('malformed' in method.requestDeserialize(body)) malformed++;
        }
      }
    }),
    { numRuns: 1000, seed: 22 },
  );
  assert.ok(malformed > 600, `only ${malformed} bodies were found malformed`);
});

test('lists that nobody needs are refused', () => {
  const refused = (models: number, versions: number, labels: number) => {
    const model: ModelConfig = {
      ...{ name: 'm', basePath: '', modelType: 0, modelPlatform: '' },
      versionPolicy: { kind: 'specific', versions: Array(versions).fill(1) },
      versionLabels: new Map(Array.from({ length: labels }, (_, at) => [`l${at}`, 1])),
    };
    const bytes = encodeReloadConfigRequest({ config: { kind: 'models', models: Array(models).fill(model) } });
    return (reloadConfigServerMethod.requestDeserialize(bytes) as { malformed?: string }).malformed;
  };
  assert.equal(refused(256, 1, 1), undefined);
  assert.equal(refused(257, 1, 1), 'model_config_list holds more than 256 models');
  assert.equal(refused(1, 256, 256), undefined);
  assert.equal(refused(1, 257, 1), 'versions holds more than 256 numbers');
  assert.equal(refused(1, 1, 257), 'more than 256 version labels');
});

test('the methods are those of the service', () => {
  const path = `/${modelService.fullName.slice(1)}`;
  assert.deepEqual(
    [getModelStatusServerMethod.path, reloadConfigServerMethod.path],
    Object.keys(modelService.methods).map((method) => `${path}/${method}`),
  );
});
