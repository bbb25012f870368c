import { Ajv, type ErrorObject } from 'ajv';

export type SourceConfig =
  | { readonly type: 'scene' /** Frame n shows the scene of this seed plus n. */; readonly seed: number }
  | { readonly type: 'folder'; readonly path: string };

export interface CameraConfig {
  /** Where frames are posted. */
  readonly target: string;
  /** The camera's name, in the posts and in the messages. */
  readonly camera: string;
  /** Frames per second; 0 pauses. */
  readonly rate: number;
  /** Share of the frame period, 0 to 1, by which each frame may come earlier or later. */
  readonly jitter: number;
  readonly source: SourceConfig;
  /** Milliseconds for one post. */
  readonly timeoutMs: number;
}

export const DEFAULTS: CameraConfig = {
  target: 'http://scoring:8080/score',
  camera: 'belt-1',
  rate: 2,
  jitter: 0.1,
  source: { type: 'scene', seed: 1_000_000 },
  timeoutMs: 5000,
};

/** `description` says what was expected, and is what an error shows. */
const source = {
  type: 'object',
  description: 'an object with type scene (and seed) or folder (and path)',
  required: ['type'],
  discriminator: { propertyName: 'type' },
  oneOf: [
    {
      additionalProperties: false,
      required: ['type', 'seed'],
      properties: {
        type: { const: 'scene' },
        seed: { type: 'integer', minimum: 0, maximum: 4_294_967_295, description: 'an integer from 0 to 4294967295' },
      },
    },
    {
      additionalProperties: false,
      required: ['type', 'path'],
      properties: {
        type: { const: 'folder' },
        path: { type: 'string', minLength: 1, maxLength: 4096, description: 'a folder of JPEG or PNG pictures' },
      },
    },
  ],
};

export const cameraConfigSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Configuration of the Edgeslot camera module: desired properties, environment and command line',
  type: 'object',
  additionalProperties: false,
  required: Object.keys(DEFAULTS),
  properties: {
    target: {
      type: 'string',
      pattern: '^https?://[^\\s/]+(/\\S*)?$',
      maxLength: 2048,
      description: 'an http or https URL',
    },
    camera: {
      type: 'string',
      pattern: '^[A-Za-z0-9._-]{1,128}$',
      description: '1 to 128 letters, digits, ".", "_" or "-"',
    },
    rate: { type: 'number', minimum: 0, maximum: 100, description: 'frames per second from 0 to 100' },
    jitter: { type: 'number', minimum: 0, maximum: 1, description: 'a number from 0 to 1' },
    source,
    timeoutMs: { type: 'integer', minimum: 100, maximum: 60_000, description: 'milliseconds from 100 to 60000' },
  },
};

const validate = new Ajv({
  allErrors: true,
  verbose: true,
  discriminator: true,
  strictTypes: false,
}).compile<CameraConfig>(cameraConfigSchema);

export type ConfigResult =
  | { readonly ok: true; readonly config: CameraConfig }
  | { readonly ok: false /** Every finding: field, value, what was expected. */; readonly text: string };

/** Checks `layer` over `base`; a field of the layer replaces the base's as a whole. */
export function checkConfig(layer: Readonly<Record<string, unknown>>, base: CameraConfig = DEFAULTS): ConfigResult {
  const candidate: unknown = structuredClone({ ...base, ...layer });
  if (!validate(candidate)) return { ok: false, text: [...new Set(validate.errors!.map(describe))].join('; ') };
  if (!URL.canParse(candidate.target)) return { ok: false, text: `target is "${candidate.target}"; expected a URL` };
  return { ok: true, config: Object.freeze(candidate) };
}

function describe({ instancePath, keyword, params, data, parentSchema }: ErrorObject): string {
  const field = instancePath.slice(1).replaceAll('/', '.');
  const within = (name: string) => (field ? `${field}.${name}` : name);
  if (keyword === 'required') return `${within(params.missingProperty as string)} is missing`;
  if (keyword === 'additionalProperties') {
    const known = Object.keys((parentSchema?.properties as object | undefined) ?? {});
    return `${within(params.additionalProperty as string)} is unknown; expected one of ${known.join(', ')}`;
  }
  const shown = JSON.stringify(data) ?? String(data);
  const value = shown.length > 100 ? `${shown.slice(0, 99)}…` : shown;
  return `${field || 'the configuration'} is ${value}; expected ${parentSchema?.description ?? parentSchema?.type}`;
}
