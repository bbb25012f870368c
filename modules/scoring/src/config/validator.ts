import { Ajv, type ErrorObject } from 'ajv';
import type { SectionName } from './config.js';
import { configSchema, sectionSchemas } from './schema.js';

const ajv = new Ajv({ allErrors: true, verbose: true, useDefaults: true, strict: true });

/** Path (`scoring.timeoutMs`), the value found, and what was expected instead. */
export interface Finding {
  readonly path: string;
  readonly text: string;
}

/** Fills the defaults in and returns every finding, one per field. */
export function checkConfig(candidate: object): Finding[] {
  return check(configSchema, candidate, '');
}

export function checkSection(section: SectionName, candidate: unknown): Finding[] {
  return check(sectionSchemas[section], candidate, section);
}

/** A check of what callers send: fills defaults in, and names every field that is not as the schema says. */
export function makeCheck(schema: object, base: string): (candidate: unknown) => Finding[] {
  return (candidate) => check(schema, candidate, base);
}

/** A schema is compiled when it is first needed, and kept: a start does not wait for checks that it does not make. */
function check(schema: object, candidate: unknown, base: string): Finding[] {
  const validate = ajv.compile(schema);
  return validate(candidate) ? [] : findings(validate.errors ?? [], base);
}

function findings(errors: readonly ErrorObject[], base: string): Finding[] {
  const byPath = new Map<string, Finding>();
  for (const error of errors) {
    const finding = describe(error, base);
    if (!byPath.has(finding.path)) byPath.set(finding.path, finding);
  }
  return [...byPath.values()];
}

function describe(error: ErrorObject, base: string): Finding {
  const parts = [base, ...error.instancePath.split('/')].filter((part) => part !== '');
  const schema = error.parentSchema as { properties?: Record<string, { description?: string }>; description?: string };
  if (error.keyword === 'additionalProperties') {
    const name = String(error.params.additionalProperty);
    return {
      path: [...parts, name].join('.'),
      text: `unknown; expected one of ${Object.keys(schema.properties ?? {}).join(', ')}`,
    };
  }
  if (error.keyword === 'required') {
    const name = String(error.params.missingProperty);
    return {
      path: [...parts, name].join('.'),
      text: `is missing; expected ${schema.properties?.[name]?.description ?? 'a value'}`,
    };
  }
  return { path: parts.join('.'), text: `${shorten(error.data)}; expected ${schema.description ?? error.message}` };
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`;
}
