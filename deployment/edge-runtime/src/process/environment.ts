import type { ModuleSpec } from '../manifest/deployment.js';
import type { ImageProgram } from './image-catalog.js';

export interface ModuleEnvironmentInput {
  readonly spec: ModuleSpec;
  readonly program: ImageProgram;
  readonly address: string;
  readonly home: string;
  /** What the Edge agent injects: IOTEDGE_… and RuntimeLogLevel. */
  readonly injected: Readonly<Record<string, string>>;
  /** For tests and debuggers; wins over everything. */
  readonly extra: Readonly<Record<string, string>>;
}

const ANY_ADDRESS = new Set(['0.0.0.0', '::', '']);

/**
 * Only what a container would have. In rising order: the image, the manifest, the agent, createOptions.Env (as the Edge daemon
 * merges them: iotedge edgelet-docker runtime.rs). Nothing of the runtime's own environment goes in but PATH, so that a
 * connection string of a debugging session cannot reach a module.
 */
export function moduleEnvironment({
  spec,
  program,
  address,
  home,
  injected,
  extra,
}: ModuleEnvironmentInput): Record<string, string> {
  const { RuntimeLogLevel: logLevel = 'Information', ...agent } = injected;
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: home,
    HOSTNAME: spec.name,
    ...program.env,
    RuntimeLogLevel: logLevel,
    ...spec.env,
    ...agent,
    ...spec.createOptions.env,
    ...extra,
  };
  // "Any address" of a container is this module's own one here: several modules share the machine's ports.
  if (ANY_ADDRESS.has(env.HOST ?? '')) env.HOST = address;
  return env;
}

/** Without mounts, a path below a bind's target is replaced by the same path below its source. */
export function rewritePaths(
  env: Readonly<Record<string, string>>,
  binds: readonly { source: string; target: string }[],
): Record<string, string> {
  const longestFirst = [...binds].sort((a, b) => b.target.length - a.target.length);
  return Object.fromEntries(
    Object.entries(env).map(([key, value]) => {
      const bind = longestFirst.find(({ target }) => value === target || value.startsWith(`${target}/`));
      return [key, bind === undefined ? value : bind.source + value.slice(bind.target.length)];
    }),
  );
}
