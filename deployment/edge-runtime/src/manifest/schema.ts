/**
 * What an Edge agent accepts in `$edgeAgent` and `$edgeHub` (schema versions 1.0 and 1.1; field names and enumerations as in
 * iotedge: edge-agent Agent.Core and Agent.Docker). A name that is not listed is a warning, since an agent ignores it.
 */
const text = { type: 'string', minLength: 1 } as const;
const env = {
  type: 'object',
  propertyNames: { pattern: '^[^+#$\\s.]+$' },
  additionalProperties: {
    type: 'object',
    properties: { value: { type: ['string', 'number', 'boolean', 'null'] } },
    additionalProperties: false,
  },
} as const;
const settings = {
  type: 'object',
  required: ['image'],
  properties: { image: { type: 'string', pattern: '\\S' } },
  patternProperties: { '^createOptions([0-9]{2})?$': true },
  additionalProperties: false,
} as const;
const common = {
  type: { const: 'docker' },
  version: { type: 'string' },
  status: { enum: ['running', 'stopped'] },
  restartPolicy: { enum: ['never', 'on-failure', 'on-unhealthy', 'always'] },
  imagePullPolicy: { enum: ['on-create', 'never'] },
  startupOrder: { type: 'integer', minimum: 0, maximum: 4294967295 },
  env,
  settings,
} as const;

export const agentSchema = {
  type: 'object',
  required: ['schemaVersion', 'runtime', 'systemModules', 'modules'],
  properties: {
    schemaVersion: text,
    runtime: {
      type: 'object',
      required: ['type'],
      properties: { type: { const: 'docker' }, settings: { type: 'object' } },
    },
    systemModules: {
      type: 'object',
      required: ['edgeAgent', 'edgeHub'],
      properties: {
        edgeAgent: { type: 'object', required: ['type', 'settings'], properties: common, additionalProperties: false },
        edgeHub: {
          type: 'object',
          required: ['type', 'status', 'settings'],
          properties: common,
          additionalProperties: false,
        },
      },
      additionalProperties: false,
    },
    modules: {
      type: 'object',
      propertyNames: { pattern: '^[a-zA-Z0-9_-]+$', maxLength: 128 },
      additionalProperties: {
        type: 'object',
        required: ['type', 'status', 'settings'],
        properties: common,
        additionalProperties: false,
      },
    },
  },
  additionalProperties: false,
} as const;

export const hubSchema = {
  type: 'object',
  required: ['schemaVersion', 'routes'],
  properties: {
    schemaVersion: text,
    routes: { type: 'object' },
    storeAndForwardConfiguration: {
      type: 'object',
      properties: { timeToLiveSecs: { type: 'integer' }, storeLimits: { type: 'object' } },
    },
  },
  additionalProperties: false,
} as const;
