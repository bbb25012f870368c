import type { Router } from '../routes/router.js';

export interface Finding {
  /** JSON pointer (RFC 6901) into the manifest; empty for the whole document. */
  readonly pointer: string;
  readonly message: string;
  readonly suggestion?: string;
}

export type RestartPolicy = 'never' | 'on-failure' | 'on-unhealthy' | 'always';

export interface Bind {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

export interface PortBinding {
  readonly containerPort: number;
  /** Empty: the runtime's own choice. */
  readonly hostIp: string;
  /** 0: any free port. */
  readonly hostPort: number;
}

/** The part of Docker's ContainerCreate body that means something for a process. */
export interface CreateOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly stopSignal: string;
  readonly stopTimeoutMs: number;
  readonly binds: readonly Bind[];
  readonly ports: readonly PortBinding[];
  /** `PathOnHost` of each device. */
  readonly devices: readonly string[];
  readonly log: { readonly maxBytes: number; readonly maxFiles: number };
}

export interface ModuleSpec {
  readonly name: string;
  readonly image: string;
  readonly version: string;
  readonly status: 'running' | 'stopped';
  readonly restartPolicy: RestartPolicy;
  readonly imagePullPolicy: 'on-create' | 'never';
  /** Lower starts first; 4294967295 when the manifest says nothing. */
  readonly startupOrder: number;
  readonly env: Readonly<Record<string, string>>;
  readonly createOptions: CreateOptions;
  /** The joined text, as the manifest has it. */
  readonly createOptionsText: string;
}

export interface Deployment {
  /** `properties.desired` of `$edgeAgent` and `$edgeHub`, as they stand in the manifest. */
  readonly agentDesired: Readonly<Record<string, unknown>>;
  readonly hubDesired: Readonly<Record<string, unknown>>;
  readonly router: Router;
  readonly modules: readonly ModuleSpec[];
  /** Module -> desired properties, for the modules whose section the manifest carries. */
  readonly twins: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly warnings: readonly Finding[];
}

/** A refused manifest. `code` as edgeAgent reports it: 400 format, 412 schema version, 417 empty. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
  constructor(
    readonly code: 400 | 412 | 417,
    readonly findings: readonly Finding[],
    readonly source?: string,
  ) {
    super(describeFindings(findings, source));
  }
}

export function describeFinding({ pointer, message, suggestion }: Finding): string {
  return `${pointer === '' ? '' : `${pointer}: `}${message}${suggestion === undefined ? '' : `; ${suggestion}`}`;
}

function describeFindings(findings: readonly Finding[], source?: string): string {
  const lines = findings.map(describeFinding);
  const where = source === undefined ? 'the manifest' : source;
  return lines.length === 1 ? `${where}: ${lines[0]}` : `${where}: ${lines.length} errors\n  ${lines.join('\n  ')}`;
}

export function pointer(...parts: readonly (string | number)[]): string {
  return parts.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
