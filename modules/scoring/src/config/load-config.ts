import { deepFreeze } from '../deep-freeze.js';
import { scoringError } from '../errors.js';
import { parseModelReference } from '../model/model-id.js';
import type { Config } from './config.js';
import { readArguments, readEnvironment, type Sourced } from './sources.js';
import { checkConfig } from './validator.js';

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Without the program and the script. */
  readonly argv: readonly string[];
}

/**
 * Defaults, then the environment, then the command line.
 * @throws ScoringError CONFIG_INVALID with every finding, one per line: name, value, what was expected.
 */
export function loadConfig({ env, argv }: ConfigSources): Config {
  const args = readArguments(argv);
  const sourced = new Map<string, Sourced>();
  for (const entry of [...readEnvironment(env), ...args.values]) sourced.set(entry.path, entry);

  const candidate = emptySections();
  for (const { path, value } of sourced.values()) assign(candidate, path, value);
  const findings = [
    ...args.findings,
    ...checkConfig(candidate).map(({ path, text }) => `${sourced.get(path)?.source ?? path}: ${text}`),
  ];
  if (findings.length > 0) throw scoringError('CONFIG_INVALID', findings.join('\n'));

  const { modelName, ...rest } = candidate as unknown as Omit<Config, 'model'> & { modelName?: string };
  const model = modelName === undefined ? undefined : parseModelReference(modelName);
  return deepFreeze({ ...rest, ...(model && { model }) });
}

/** ajv fills defaults only into objects that are there. */
function emptySections(): Record<string, Record<string, unknown>> {
  return { device: {}, swap: {}, scoring: {}, cameras: {}, telemetry: {} };
}

function assign(target: Record<string, Record<string, unknown>>, path: string, value: unknown): void {
  const [first, second] = path.split('.') as [string, string?];
  if (second === undefined) target[first] = value as Record<string, unknown>;
  else target[first] = { ...target[first], [second]: value };
}
