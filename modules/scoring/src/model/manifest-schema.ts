const tensorName = { type: 'string', minLength: 1, maxLength: 512 } as const;
const shape = {
  type: 'array',
  minItems: 0,
  maxItems: 8,
  items: { type: 'integer', minimum: -1, maximum: 2 ** 31 - 1 },
} as const;
const side = { type: 'integer', minimum: 1, maximum: 4096 } as const;
// One path segment or several, no leading slash, no backslash; `..` is refused segment by segment by the reader.
const file = { type: 'string', pattern: '^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$', maxLength: 255 } as const;
const text = { type: 'string', maxLength: 4096 } as const;

function object<P extends Record<string, unknown>>(properties: P, required: readonly (keyof P & string)[]) {
  return { type: 'object', properties, required, additionalProperties: false } as const;
}

function map(values: unknown, minProperties = 0) {
  return { type: 'object', minProperties, maxProperties: 256, additionalProperties: values } as const;
}

const signatureTensor = object(
  {
    tensor: tensorName,
    dtype: { enum: ['string', 'float'] },
    shape,
    also: { type: 'array', maxItems: 16, uniqueItems: true, items: tensorName },
  },
  ['tensor', 'dtype', 'shape'],
);

const graphTensor = object({ name: tensorName, shape: { ...shape, minItems: 1 } }, ['name', 'shape']);

const graph = object(
  { file, input: graphTensor, outputs: { type: 'array', minItems: 1, maxItems: 64, items: graphTensor } },
  ['file', 'input', 'outputs'],
);

/** What float32 holds with all its digits, and does not make an infinity of. */
const factor = { minimum: 1e-12, maximum: 1e12 } as const;

/** How pictures are prepared: `preprocessing` of a manifest. */
export const recipeSchema = object(
  {
    resize: {
      type: 'object',
      required: ['mode'],
      discriminator: { propertyName: 'mode' },
      oneOf: [
        object(
          {
            mode: { const: 'aspect-crop' },
            shortSide: side,
            height: side,
            width: side,
            rounding: { enum: ['tensorflow', 'torchvision'] },
          },
          ['mode', 'shortSide', 'height', 'width'],
        ),
        object({ mode: { const: 'stretch' }, height: side, width: side }, ['mode', 'height', 'width']),
      ],
    },
    interpolation: { enum: ['bilinear-legacy', 'bilinear-half-pixel', 'bilinear-antialias'] },
    channels: { enum: ['RGB', 'BGR'] },
    mean: { type: 'array', minItems: 3, maxItems: 3, items: { type: 'number', minimum: -1e6, maximum: 1e6 } },
    // A number, or three: each keyword applies to its own type.
    scale: { type: ['number', 'array'], ...factor, minItems: 3, maxItems: 3, items: { type: 'number', ...factor } },
    layout: { enum: ['NHWC', 'NCHW'] },
  },
  ['resize', 'interpolation', 'channels', 'mean', 'scale', 'layout'],
);

const sha256 = { type: 'string', pattern: '^[0-9a-f]{64}$' } as const;

const digest = object(
  {
    sha256,
    bytes: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  },
  ['sha256', 'bytes'],
);

const msFpDetail = object(
  {
    format: { type: 'string', minLength: 1, maxLength: 64 },
    exponentBits: { enum: [5, 8] },
    mantissaBits: { type: 'integer', minimum: 1, maximum: 10 },
    block: { type: 'integer', minimum: 1, maximum: 65_536 },
    activations: { type: 'boolean' },
  },
  ['format', 'exponentBits', 'mantissaBits', 'block', 'activations'],
);

/** JSON Schema of `model.json`, version 1; published as `model.schema.json` beside this file. */
export const manifestSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Edgeslot model package manifest, version 1',
  ...object(
    {
      schemaVersion: { const: 1 },
      name: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$' },
      version: { type: 'integer', minimum: 1, maximum: 999_999_999 },
      description: text,
      tags: map(text),
      parent: text,
      created: { type: 'string', format: 'date-time' },
      network: { type: 'string', minLength: 1, maxLength: 128 },
      numerics: { enum: ['float32', 'int8', 'ms-fp'] },
      numericsDetail: msFpDetail,
      signature: object({ inputs: map(signatureTensor, 1), outputs: map(signatureTensor, 1) }, ['inputs', 'outputs']),
      preprocessing: recipeSchema,
      postprocessing: object({ type: { enum: ['softmax', 'logits', 'ssd'] }, labels: file }, ['type', 'labels']),
      featurizer: graph,
      classifier: graph,
      device: object({ input: graphTensor, output: graphTensor, tail: file }, ['input', 'output']),
      files: map(digest, 1),
      digest: sha256,
    },
    [
      'schemaVersion',
      'name',
      'version',
      'tags',
      'created',
      'network',
      'numerics',
      'signature',
      'preprocessing',
      'postprocessing',
      'featurizer',
      'files',
    ],
  ),
} as const;
