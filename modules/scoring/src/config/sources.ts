import { parseLogLevel } from '@edgeslot/edge-module/log';

/** One setting: its place in the schema, its variable, its flag, and how its text becomes a value. */
interface Setting {
  readonly path: string;
  readonly env: string;
  readonly flag: string;
  readonly parse: (text: string) => unknown;
}

const text = (value: string): unknown => value;
/** What is no plain decimal number stays text, so that the schema's error shows it as it was written. */
const number = (value: string): unknown => (/^\d{1,15}$/.test(value) ? Number(value) : value);
const level = (value: string): unknown => parseLogLevel(value) ?? value;

export const SETTINGS: readonly Setting[] = [
  { path: 'modelBasePath', env: 'MODEL_BASE_PATH', flag: 'models', parse: text },
  { path: 'modelName', env: 'MODEL_NAME', flag: 'model', parse: text },
  { path: 'device.choice', env: 'DEVICE', flag: 'device', parse: text },
  { path: 'scoring.lanes', env: 'SCORING_LANES', flag: 'lanes', parse: number },
  { path: 'scoring.threads', env: 'SCORING_THREADS', flag: 'threads', parse: number },
  { path: 'swap.memory', env: 'SWAP_MEMORY', flag: 'swap-memory', parse: text },
  { path: 'host', env: 'HOST', flag: 'host', parse: text },
  { path: 'grpcPort', env: 'GRPC_PORT', flag: 'grpc-port', parse: number },
  { path: 'httpPort', env: 'HTTP_PORT', flag: 'http-port', parse: number },
  { path: 'metricsPort', env: 'METRICS_PORT', flag: 'metrics-port', parse: number },
  { path: 'maxMessageBytes', env: 'MAX_MESSAGE_BYTES', flag: 'max-message-bytes', parse: number },
  { path: 'leaseDir', env: 'LEASE_DIR', flag: 'lease', parse: text },
  { path: 'cardDir', env: 'CARD_DIR', flag: 'card', parse: text },
  { path: 'driverLibrary', env: 'DRIVER_LIBRARY', flag: 'driver-library', parse: text },
  { path: 'telemetryDir', env: 'TELEMETRY_DIR', flag: 'telemetry-dir', parse: text },
  { path: 'telemetryMaxBytes', env: 'TELEMETRY_MAX_BYTES', flag: 'telemetry-max-bytes', parse: number },
  { path: 'logLevel', env: 'RuntimeLogLevel', flag: 'log-level', parse: level },
];

/** A value with the name its author knows it by, for the error. */
export interface Sourced {
  readonly path: string;
  readonly source: string;
  readonly text: string;
  readonly value: unknown;
}

/** The environment's values; an empty variable counts as absent, because a manifest cannot take one away. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Sourced[] {
  return SETTINGS.flatMap(({ path, env: name, parse }) => {
    const value = env[name];
    return value === undefined || value === '' ? [] : [{ path, source: name, text: value, value: parse(value) }];
  });
}

/** `--flag VALUE` and `--flag=VALUE`; what is neither becomes a finding. */
export function readArguments(argv: readonly string[]): { readonly values: Sourced[]; readonly findings: string[] } {
  const values: Sourced[] = [];
  const findings: string[] = [];
  const known = SETTINGS.map(({ flag }) => `--${flag}`).join(', ');
  for (let at = 0; at < argv.length; at++) {
    const argument = argv[at]!;
    const [, name, attached] = /^--([^=]+)(?:=(.*))?$/s.exec(argument) ?? [];
    const setting = SETTINGS.find(({ flag }) => flag === name);
    if (!setting) {
      findings.push(`${argument}: unknown argument; expected one of ${known}`);
      continue;
    }
    const value = attached ?? argv[at + 1];
    if (attached === undefined) {
      if (value === undefined || value.startsWith('--')) {
        findings.push(`--${setting.flag}: has no value; expected --${setting.flag} VALUE`);
        continue;
      }
      at++;
    }
    values.push({ path: setting.path, source: `--${setting.flag}`, text: value!, value: setting.parse(value!) });
  }
  return { values, findings };
}
