import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import {
  DataType,
  decodePredictResponse,
  type PredictResponse,
  predictServerMethod,
} from '@edgeslot/tensorflow-serving';
import { Client, credentials, type Metadata, type ServiceError, status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { fakeHouse, model, OUTPUT, OUTPUT_ALSO, probabilities } from '../doors.fixture.js';
import { scoringError } from '../errors.js';
import { GrpcDoor } from './grpc-door.js';

// A client that shares nothing with the door: protobufjs' reflection over the published .proto texts.
const require = createRequire(import.meta.url);
const text = require.resolve('@edgeslot/tensorflow-serving/proto/tensorflow_serving/apis/predict.proto');
const protobuf = createRequire(text)('protobufjs') as typeof import('protobufjs');
const root = new protobuf.Root();
root.resolvePath = (_origin, target) => (target.startsWith('google/') ? target : join(text, '../../..', target));
const StockRequest = root
  .loadSync('tensorflow_serving/apis/predict.proto')
  .lookupType('tensorflow.serving.PredictRequest');

const LIMIT = 1024 * 1024;
const house = fakeHouse(LIMIT);
const normal = { score: house.score, model: house.model };
const door = new GrpcDoor(house.context);
const port = await door.listen('127.0.0.1', 0);
const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
after(async () => {
  client.close();
  await door.stop(1000);
});
beforeEach(() => {
  Object.assign(house, normal);
  house.requests.length = 0;
  house.logged.length = 0;
  house.settings.apply('scoring', undefined);
});

const { path } = predictServerMethod;
const picture = Buffer.from('\xff\xd8 picture', 'latin1');
const strings = (values: readonly Buffer[], dims: readonly number[] = [values.length]) => ({
  dtype: DataType.DT_STRING,
  tensorShape: { dim: dims.map((size) => ({ size })) },
  stringVal: values,
});
const floats = (dims: readonly number[], fields: object) => ({
  dtype: DataType.DT_FLOAT,
  tensorShape: { dim: dims.map((size) => ({ size })) },
  ...fields,
});

function send(body: Uint8Array, method: string = path, options = {}): Promise<PredictResponse> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      method,
      (bytes: Buffer) => bytes,
      decodePredictResponse,
      Buffer.from(body),
      options,
      (error, response) => (error ? reject(error) : resolve(response!)),
    );
  });
}

const ask = (request: object) => send(StockRequest.encode(request).finish());

async function refused(answer: Promise<unknown>): Promise<ServiceError & { metadata: Metadata }> {
  return await answer.then(
    () => assert.fail('was answered'),
    (error: ServiceError) => error,
  );
}

async function refuses(request: object, code: status, details: RegExp): Promise<void> {
  const error = await refused(ask(request));
  assert.equal(status[error.code], status[code]);
  assert.match(error.details, details);
  assert.equal(house.requests.length, 0, 'reached the scorer');
}

test('Microsoft’s client: no model_spec, tensor names, every output back', async () => {
  const response = await ask({ inputs: { 'Placeholder:0': strings([picture]) } });
  assert.deepEqual([...response.outputs.keys()], [OUTPUT]);
  assert.deepEqual(response.outputs.get(OUTPUT)?.floatVal, probabilities);
  assert.deepEqual(response.outputs.get(OUTPUT)?.shape, [1, 3]);
  assert.deepEqual(response.modelSpec, { name: 'belt-object', version: 3, signatureName: 'serving_default' });
  const { input, model: named } = house.requests[0]!;
  assert.equal(named, undefined);
  assert.ok(input.kind === 'images' && input.images.length === 1 && picture.equals(input.images[0]!));
});

test('the C# client: a model_spec that is there and empty', async () => {
  await ask({ modelSpec: {}, inputs: { 'Placeholder:0': strings([picture]) } });
  assert.equal(house.requests[0]?.model, undefined);
});

test('TensorFlow Serving’s clients: aliases in, aliases out, name and version asked for', async () => {
  const modelSpec = { name: 'belt-object', version: { value: 3 }, signatureName: 'serving_default' };
  const response = await ask({ modelSpec, inputs: { images: strings([picture, picture]) } });
  assert.deepEqual([...response.outputs.keys()], ['output_alias']);
  assert.deepEqual(response.outputs.get('output_alias')?.shape, [2, 3]);
  assert.deepEqual(house.requests[0]?.model, { name: 'belt-object', version: 3 });
});

test('output_filter takes alias, tensor name and the other spelling, and answers under the name asked for', async () => {
  for (const name of ['output_alias', OUTPUT, OUTPUT_ALSO]) {
    const response = await ask({ inputs: { images: strings([picture]) }, outputFilter: [name] });
    assert.deepEqual([...response.outputs.keys()], [name]);
  }
});

test('a scalar string is one picture', async () => {
  await ask({ inputs: { images: strings([picture], []) } });
  const { input } = house.requests[0]!;
  assert.ok(input.kind === 'images' && input.images.length === 1);
});

test('float tensors come in float_val, padded, and in tensor_content', async () => {
  await ask({ inputs: { images: floats([1, 2, 2, 3], { floatVal: [1, 2] }) } });
  const content = Buffer.from(Float32Array.from({ length: 12 }, (_, at) => at).buffer);
  await ask({ inputs: { images: floats([1, 2, 2, 3], { tensorContent: content }) } });
  const [padded, whole] = house.requests.map(({ input }) => (input.kind === 'tensor' ? input : assert.fail()));
  assert.deepEqual(padded?.data, Float32Array.of(1, ...Array(11).fill(2)));
  assert.deepEqual(
    whole?.data,
    Float32Array.from({ length: 12 }, (_, at) => at),
  );
  assert.deepEqual(whole?.shape, [1, 2, 2, 3]);
});

test('a batch whose answer would be larger than clients take is refused, and told how many may come', async () => {
  // Four of the first fit into 4 MiB, as Microsoft's notes say of SSD-VGG-300.
  const shape = [-1, 210_800];
  house.model = {
    ...model,
    manifest: {
      ...model.manifest,
      signature: {
        ...model.manifest.signature,
        outputs: { output_alias: { tensor: OUTPUT, dtype: 'float', shape, also: [OUTPUT_ALSO] } },
      },
    },
  };
  house.score = (request) => ({ ...normal.score(request), model: house.model! });
  const batch = (count: number) => ({ inputs: { images: strings(Array(count).fill(picture)) } });
  assert.equal((await ask(batch(4))).outputs.size, 1);
  const text =
    /^model 'belt-object' answers a batch of 5 with \d+ bytes; the limit, scoring.maxReplyBytes, is 4194304: send at most 4 at once$/;
  house.requests.length = 0;
  await refuses(batch(5), status.INVALID_ARGUMENT, text);
  house.settings.apply('scoring', { ...house.settings.scoring, maxReplyBytes: 8 << 20 });
  assert.equal((await ask(batch(5))).outputs.size, 1);
  house.settings.apply('scoring', { ...house.settings.scoring, maxReplyBytes: 65_536 });
  assert.equal((await ask(batch(1))).outputs.size, 1, 'one picture is always answered');
});

test('the setting chooses the encoding of replies', async () => {
  house.settings.apply('scoring', { ...house.settings.scoring, replyEncoding: 'tensor_content' });
  const response = await ask({ inputs: { images: strings([picture]) } });
  assert.equal(response.outputs.get('output_alias')?.tensorContent?.length, 12);
});

test('wrong names, types, shapes and specs are INVALID_ARGUMENT, and never reach the scorer', async () => {
  const good = { images: strings([picture]) };
  const invalid = (request: object, details: RegExp) => refuses(request, status.INVALID_ARGUMENT, details);
  await invalid(
    { inputs: { picture: strings([picture]) } },
    /^Signature input alias: images\(feed name: Placeholder:0\).*found \{picture\}$/,
  );
  await invalid(
    { inputs: {} },
    /^input size does not match signature: 0!=1 len\(\{\}\) != len\(\{images\}\)\. Sent extra: \{\}\. Missing but required: \{images\}\.$/,
  );
  await invalid(
    { inputs: { ...good, more: strings([picture]) } },
    /2!=1 len\(\{images,more\}\) != len\(\{images\}\)\. Sent extra: \{more\}/,
  );
  await invalid(
    { inputs: { images: { ...strings([]), dtype: DataType.DT_BOOL } } },
    /^input 'images': Expects arg\[0\] to be string or float but bool is provided$/,
  );
  await invalid(
    { inputs: { images: strings([picture], [1, 1]) } },
    /unexpected shape for input 'images' for model 'belt-object:3'.*got \[1,1\]/,
  );
  await invalid({ inputs: { images: strings([], [0]) } }, /got \[0\]/);
  await invalid({ inputs: { images: strings([picture], [-1]) } }, /tensor parsing error: images: .*negative/);
  await invalid({ inputs: { images: strings([picture], [65]) } }, /the limit is 64/);
  await invalid(
    { inputs: { images: floats([1, 3], { tensorContent: Buffer.alloc(8) }) } },
    /tensor_content has 8 bytes; the shape needs 12/,
  );
  await invalid({ inputs: { images: floats([1e6, 1e6], { floatVal: [1] }) } }, /the limit is/);
  await invalid({ inputs: { images: floats([], { floatVal: [1] }) } }, /got \[\]/);
  await invalid(
    { inputs: good, outputFilter: ['softmax'] },
    /^output tensor alias not found in signature: softmax Outputs expected/,
  );
  await invalid({ inputs: good, outputFilter: [OUTPUT, OUTPUT] }, /^duplicate output tensor alias/);
  await invalid(
    { inputs: good, modelSpec: { name: 'belt-object', signatureName: 'other' } },
    /Serving signature key "other" not found/,
  );
  await invalid(
    { inputs: good, modelSpec: { name: 'belt-object', versionLabel: 'stable' } },
    /Unrecognized servable version label: stable/,
  );
});

test('the model that answers is the one whose names count, when a swap came in between', async () => {
  house.model = undefined;
  assert.equal((await ask({ inputs: { images: strings([picture]) } })).modelSpec?.version, 3);
  const error = await refused(ask({ inputs: { picture: strings([picture]) } }));
  assert.match(error.details, /Signature input alias: images/);
});

test('refusals of the queue keep their status; UNAVAILABLE says when to come back', async () => {
  const request = { inputs: { images: strings([picture]) } };
  const failing = async (thrown: Error) => {
    house.score = () => Promise.reject(thrown);
    return await refused(ask(request));
  };
  const full = await failing(scoringError('QUEUE_FULL', 64));
  assert.equal(full.code, status.UNAVAILABLE);
  assert.ok(Number(full.metadata.get('grpc-retry-pushback-ms')[0]) > 0);
  const unknown = await failing(scoringError('SERVABLE_NOT_FOUND', 'Latest(x)'));
  assert.equal(unknown.code, status.NOT_FOUND);
  assert.equal(unknown.details, 'Servable not found for request: Latest(x)');
  assert.deepEqual(unknown.metadata.get('grpc-retry-pushback-ms'), []);
  const internal = await failing(new TypeError('x is not a function'));
  assert.equal(internal.code, status.INTERNAL);
  assert.match(house.logged.join(''), /TypeError/);
  const long = await failing(scoringError('REQUEST_MALFORMED', 'x'.repeat(5000)));
  assert.ok(long.details.endsWith('...TRUNCATED'));
  assert.equal(long.details.length, 1024 + '...TRUNCATED'.length);
});

test('the deadline reaches the queue, and a caller that goes away aborts its frame', async () => {
  let aborted: Promise<unknown> | undefined;
  house.score = ({ signal }) => {
    aborted = new Promise((resolve) => signal!.addEventListener('abort', resolve));
    return new Promise(() => {});
  };
  const body = StockRequest.encode({ inputs: { images: strings([picture]) } }).finish();
  const before = performance.now();
  const error = await refused(send(body, path, { deadline: Date.now() + 200 }));
  assert.equal(error.code, status.DEADLINE_EXCEEDED);
  const { deadline } = house.requests[0]!;
  assert.ok(deadline > before && deadline < before + 5000, `deadline in ${deadline - before} ms`);
  await aborted;
});

test('a call without a deadline gets the configured time', async () => {
  house.settings.apply('scoring', { ...house.settings.scoring, timeoutMs: 500_000 });
  await ask({ inputs: { images: strings([picture]) } });
  assert.ok(house.requests[0]!.deadline - performance.now() > 400_000);
});

test('what is too large is RESOURCE_EXHAUSTED, what is unknown UNIMPLEMENTED', async () => {
  const large = await refused(ask({ inputs: { images: strings([Buffer.alloc(LIMIT)]) } }));
  assert.equal(large.code, status.RESOURCE_EXHAUSTED);
  assert.match(large.details, /Received message larger than max/);
  const unknown = await refused(send(Buffer.alloc(0), '/tensorflow.serving.PredictionService/Guess'));
  assert.equal(unknown.code, status.UNIMPLEMENTED);
});

test('methods that take tensorflow.Example records say that no model here has a signature for them', async () => {
  for (const name of ['Classify', 'Regress', 'MultiInference']) {
    const error = await refused(send(Buffer.from([1]), `/tensorflow.serving.PredictionService/${name}`));
    assert.equal(error.code, status.UNIMPLEMENTED);
    assert.match(error.details, new RegExp(`^${name} takes tensorflow.Example records.*call Predict$`));
  }
});

test('hostile bodies are INVALID_ARGUMENT, and the door goes on answering', async () => {
  const valid = StockRequest.encode({ modelSpec: { name: 'm' }, inputs: { images: strings([picture]) } }).finish();
  house.model = undefined;
  house.score = () => Promise.reject(scoringError('IMAGE_FORMAT', 'image 0', 'nothing'));
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.nat(valid.length - 1),
      fc.nat(255),
      async (noise, at, value) => {
        const altered = Uint8Array.from(valid);
        altered[at] = value;
        const bodies = [noise, valid.subarray(0, at), altered, Buffer.concat([altered, noise])];
        for (const error of await Promise.all(bodies.map((body) => refused(send(body))))) {
          assert.equal(error.code, status.INVALID_ARGUMENT, error.details);
        }
      },
    ),
    { numRuns: 600, seed: 8 },
  );
  Object.assign(house, normal);
  assert.equal((await ask({ inputs: { images: strings([picture]) } })).modelSpec?.name, model.id.name);
});

test('a taken port is PORT_TAKEN and names the address', async () => {
  const second = new GrpcDoor(house.context);
  await assert.rejects(second.listen('127.0.0.1', port), {
    code: 'PORT_TAKEN',
    message: `gRPC port: 127.0.0.1:${port} is already in use`,
  });
  await second.stop(100);
});

test('stopping lets a call in flight end', async () => {
  const last = new GrpcDoor(house.context);
  const address = `127.0.0.1:${await last.listen('127.0.0.1', 0)}`;
  const caller = new Client(address, credentials.createInsecure());
  let release = () => {};
  const entered = new Promise<void>((started) => {
    house.score = async (request) => {
      started();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return normal.score(request);
    };
  });
  const body = Buffer.from(StockRequest.encode({ inputs: { images: strings([picture]) } }).finish());
  const answered = new Promise<PredictResponse>((resolve, reject) => {
    caller.makeUnaryRequest(
      path,
      (bytes: Buffer) => bytes,
      decodePredictResponse,
      body,
      (error, response) => (error ? reject(error) : resolve(response!)),
    );
  });
  await entered;
  const stopped = last.stop(5000);
  release();
  assert.equal((await answered).modelSpec?.version, 3);
  await stopped;
  caller.close();
});
