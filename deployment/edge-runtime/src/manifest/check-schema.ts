import { Ajv, type ErrorObject } from 'ajv';
import { closestName } from './closest-name.js';
import type { Finding } from './deployment.js';
import { pointer } from './deployment.js';
import { agentSchema, hubSchema } from './schema.js';

const ajv = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true });
const validators = { $edgeAgent: ajv.compile(agentSchema), $edgeHub: ajv.compile(hubSchema) };

/** Checks one system section; pointers are below `at`. */
export function checkSchema(
  name: keyof typeof validators,
  value: unknown,
  at: string,
): { findings: Finding[]; warnings: Finding[] } {
  const validate = validators[name];
  const findings: Finding[] = [];
  const warnings: Finding[] = [];
  if (!validate(value)) {
    for (const error of validate.errors ?? []) {
      // The name's own rule reports it already; this one only repeats that there is such a rule.
      if (error.keyword === 'propertyNames') continue;
      (error.keyword === 'additionalProperties' ? warnings : findings).push(describe(error, at));
    }
  }
  return { findings, warnings };
}

function describe(error: ErrorObject, at: string): Finding {
  const here = at + error.instancePath;
  const data = show(error.data);
  switch (error.keyword) {
    case 'required':
      return { pointer: here, message: `lacks ${JSON.stringify(error.params.missingProperty)}` };
    case 'additionalProperties': {
      const extra = String(error.params.additionalProperty);
      const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
      const close = closestName(extra, known);
      return {
        pointer: here + pointer(extra),
        message: `is not a field the agent knows and is ignored; known are ${known.join(', ')}`,
        ...(close === undefined ? {} : { suggestion: `did you mean ${JSON.stringify(close)}?` }),
      };
    }
    case 'enum':
    case 'const': {
      const allowed: unknown[] = error.keyword === 'enum' ? error.params.allowedValues : [error.params.allowedValue];
      const close = typeof error.data === 'string' ? closestName(error.data, allowed.map(String)) : undefined;
      return {
        pointer: here,
        message: `is ${data}, expected ${allowed.map((value) => JSON.stringify(value)).join(' or ')}`,
        ...(close === undefined ? {} : { suggestion: `did you mean ${JSON.stringify(close)}?` }),
      };
    }
    case 'type':
      return { pointer: here, message: `is ${data}, expected ${[error.params.type].flat().join(' or ')}` };
    case 'pattern':
      if (error.propertyName !== undefined) {
        return {
          pointer: here + pointer(error.propertyName),
          message: `is a name that does not match ${String(error.params.pattern)}`,
        };
      }
      return { pointer: here, message: `is ${data}, expected text that matches ${String(error.params.pattern)}` };
    default:
      return { pointer: here, message: `is ${data}, ${error.message ?? 'not allowed'}` };
  }
}

function show(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
