import { DEFAULT_IOU_THRESHOLD, DEFAULT_THRESHOLD } from '@edgeslot/detection';

import { DEFAULT_LIMITS } from '../preprocess/limits.js';

/**
 * The one schema of the configuration (JSON Schema, draft 7). `description` of a value says what was expected, and is
 * what an error shows; `default` is the value without any source. Published as `config.schema.json`.
 */
const port = (fallback: number) => ({
  type: 'integer',
  minimum: 0,
  maximum: 65535,
  default: fallback,
  description: 'a port number from 0 (any free one) to 65535',
});

export const milliseconds = (minimum: number, maximum: number, fallback: number) => ({
  type: 'integer',
  minimum,
  maximum,
  default: fallback,
  description: `milliseconds from ${minimum} to ${maximum}`,
});

const integer = (minimum: number, maximum: number, fallback: number) => ({
  type: 'integer',
  minimum,
  maximum,
  default: fallback,
  description: `an integer from ${minimum} to ${maximum}`,
});

const autoOr = (minimum: number, maximum: number) => {
  const description = `auto or an integer from ${minimum} to ${maximum}`;
  const number = { type: 'integer', minimum, maximum, description };
  return { anyOf: [number, { type: 'string', const: 'auto', description }], default: 'auto', description };
};

const share = (fallback: number) => ({
  type: 'number',
  minimum: 0,
  maximum: 1,
  default: fallback,
  description: 'a number from 0 to 1',
});

const oneOf = (values: readonly string[], fallback: string) => ({
  type: 'string',
  enum: values,
  default: fallback,
  description: `one of ${values.join(', ')}`,
});

export const section = (properties: Record<string, object>) => ({
  type: 'object',
  additionalProperties: false,
  description: `an object with ${Object.keys(properties).join(', ')}`,
  properties,
});

export const modelReference = {
  type: 'string',
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}(:[1-9][0-9]{0,8})?$',
  description: 'a model id, name or name:version',
};

export const sectionSchemas = {
  model: { ...section({ name: modelReference }), required: ['name'] },
  device: section({ choice: oneOf(['auto', 'catapult', 'emulator'], 'auto') }),
  swap: section({
    drainTimeoutMs: milliseconds(0, 600_000, 10_000),
    loadTimeoutMs: milliseconds(1_000, 600_000, 120_000),
    memory: oneOf(['prepare', 'preserve'], 'prepare'),
    notReadyAfterMs: milliseconds(0, 600_000, 5_000),
  }),
  scoring: section({
    replyEncoding: oneOf(['auto', 'float_val', 'tensor_content'], 'auto'),
    timeoutMs: milliseconds(1, 600_000, 30_000),
    queueLimit: integer(1, 10_000, 64),
    maxBatch: integer(1, 1_024, 64),
    maxReplyBytes: integer(65_536, 1_073_741_824, 4_194_304),
    maxImageBytes: integer(1_024, 1_073_741_824, DEFAULT_LIMITS.maxBytes),
    maxImagePixels: integer(1, 1_000_000_000, DEFAULT_LIMITS.maxPixels),
    maxImageSide: integer(1, 65_535, DEFAULT_LIMITS.maxSide),
    maxDecodeMs: milliseconds(1, 600_000, DEFAULT_LIMITS.maxDecodeMs),
    decode: oneOf(['exact', 'fast'], 'exact'),
    lanes: autoOr(1, 64),
    threads: autoOr(1, 64),
  }),
  cameras: section({
    topK: integer(1, 100, 5),
    minConfidence: share(0),
    detectionThreshold: share(DEFAULT_THRESHOLD),
    iouThreshold: share(DEFAULT_IOU_THRESHOLD),
  }),
  telemetry: section({
    enabled: { type: 'boolean', default: true, description: 'true or false' },
    intervalMs: milliseconds(0, 86_400_000, 0),
    onlyOnChange: { type: 'boolean', default: false, description: 'true or false' },
    minConfidence: share(0),
    format: oneOf(['inferences', 'recognition'], 'inferences'),
  }),
} as const;

export const configSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Configuration of the Edgeslot scoring module',
  type: 'object',
  additionalProperties: false,
  properties: {
    modelBasePath: { type: 'string', minLength: 1, default: '/models', description: 'a directory of models' },
    modelName: modelReference,
    host: { type: 'string', minLength: 1, default: '127.0.0.1', description: 'an address to bind' },
    grpcPort: port(50051),
    httpPort: port(8080),
    metricsPort: port(9600),
    maxMessageBytes: integer(1_024, 1_073_741_824, 67_108_864),
    leaseDir: { type: 'string', minLength: 1, description: 'a directory' },
    cardDir: { type: 'string', minLength: 1, description: 'the directory of a virtual card' },
    driverLibrary: { type: 'string', pattern: '^/', description: 'the absolute path of a library' },
    telemetryDir: { type: 'string', minLength: 1, description: 'a directory' },
    telemetryMaxBytes: integer(65_536, 1_099_511_627_776, 67_108_864),
    logLevel: {
      ...oneOf(['fatal', 'error', 'warning', 'info', 'debug', 'verbose'], 'info'),
      description:
        'one of Fatal, Error, Warning, Information, Debug, Verbose (or fatal, error, warning, info, debug, verbose)',
    },
    ...sectionSchemas,
  },
} as const;
