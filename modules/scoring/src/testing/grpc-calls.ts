import {
  encodeGetModelMetadataRequest,
  encodeGetModelStatusRequest,
  encodePredictRequest,
  encodeReloadConfigRequest,
  floatTensor,
  healthServerMethods,
  stringTensor,
} from '@edgeslot/tensorflow-serving';
import { status } from '@grpc/grpc-js';
import type { Random } from './random.js';

/** A call of the gRPC door, and the statuses of which its answer must have one. */
export interface GrpcCall {
  readonly path: string;
  readonly body: Buffer;
  readonly expected: readonly status[];
}

const { OK, INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION, UNKNOWN, UNIMPLEMENTED } = status;
const ASKING = [OK, INVALID_ARGUMENT, NOT_FOUND];

/** A well-formed call of each kind, for a model of that id and a picture that it takes. */
export function goodCalls({ name, version }: { name: string; version: number }, picture: Uint8Array): GrpcCall[] {
  const modelSpec = { name, version, signatureName: 'serving_default' };
  const predict = (inputs: Parameters<typeof encodePredictRequest>[0]['inputs']) =>
    encodePredictRequest({ modelSpec, inputs, outputFilter: ['output_alias'] });
  const floats = Float32Array.from({ length: 12 }, (_, at) => at / 7);
  const model = {
    ...{ name, basePath: '', modelType: 0, modelPlatform: 'tensorflow', versionLabels: new Map([['stable', version]]) },
    versionPolicy: { kind: 'specific', versions: [version] } as const,
  };
  const prediction = '/tensorflow.serving.PredictionService';
  const models = '/tensorflow.serving.ModelService';
  const health = healthServerMethods.Check;
  return [
    { path: `${prediction}/Predict`, body: predict(new Map([['images', stringTensor([picture])]])), expected: ASKING },
    {
      path: `${prediction}/Predict`,
      body: predict(new Map([['images', floatTensor([1, 2, 2, 3], floats, 'float_val')]])),
      expected: ASKING,
    },
    {
      path: `${prediction}/Predict`,
      body: predict(new Map([['Placeholder:0', floatTensor([1, 2, 2, 3], floats, 'tensor_content')]])),
      expected: ASKING,
    },
    {
      path: `${prediction}/GetModelMetadata`,
      body: encodeGetModelMetadataRequest({ modelSpec, metadataField: ['signature_def', 'edgeslot'] }),
      expected: ASKING,
    },
    { path: `${models}/GetModelStatus`, body: encodeGetModelStatusRequest({ modelSpec }), expected: ASKING },
    {
      path: `${models}/HandleReloadConfigRequest`,
      body: encodeReloadConfigRequest({ config: { kind: 'models', models: [model] } }),
      expected: [...ASKING, FAILED_PRECONDITION, UNKNOWN],
    },
    { path: `${prediction}/Classify`, body: Buffer.from('\n\x03abc', 'latin1'), expected: [UNIMPLEMENTED] },
    { path: health.path, body: health.requestSerialize({ service: 'PredictionService' }), expected: ASKING },
  ];
}

/** The call with a body that is spoilt in one to four places, or another call's body. */
export function spoiltCall(calls: readonly GrpcCall[], random: Random): GrpcCall {
  const call = random.pick(calls);
  let { body } = random.below(20) === 0 ? random.pick(calls) : call;
  for (let left = 1 + random.below(4); left > 0; left--) body = random.pick(SPOILERS)(body, random, calls);
  return { ...call, body };
}

type Spoiler = (body: Buffer, random: Random, calls: readonly GrpcCall[]) => Buffer;

/** Lengths, counts and versions that somebody may have forgotten: 2^31 - 1, 2^32 - 1, 2^63 - 1, -1, and too long. */
const VARINTS = ['ffffffff07', 'ffffffff0f', 'ffffffffffffffff7f', 'ffffffffffffffffff01', 'ffffffffffffffffffff7f'];

const SPOILERS: readonly Spoiler[] = [
  (body, random) => altered(body, random, (byte) => byte ^ (1 << random.below(8))),
  (body, random) => altered(body, random, () => random.below(256)),
  (body, random) => body.subarray(0, random.below(body.length + 1)),
  (body, random) => spliced(body, random, Buffer.from(random.pick(VARINTS), 'hex'), 1),
  (body, random) => spliced(body, random, Buffer.alloc(0), 1 + random.below(8)),
  (body, random) => spliced(body, random, noise(random), 0),
  (body, random, calls) => Buffer.concat([body, random.pick(calls).body]),
  (body) => Buffer.concat([body, body]),
];

function altered(body: Buffer, random: Random, alter: (byte: number) => number): Buffer {
  if (body.length === 0) return body;
  const copy = Buffer.from(body);
  const at = random.below(copy.length);
  copy[at] = alter(copy[at]!);
  return copy;
}

function spliced(body: Buffer, random: Random, inserted: Buffer, removed: number): Buffer {
  const at = random.below(body.length + 1);
  return Buffer.concat([body.subarray(0, at), inserted, body.subarray(at + removed)]);
}

function noise(random: Random): Buffer {
  return Buffer.from(Array.from({ length: 1 + random.below(16) }, () => random.below(256)));
}
