import type { ModuleSpec } from '../manifest/deployment.js';

/** A module as the agent last saw it. */
export interface CurrentModule {
  readonly spec: ModuleSpec;
  readonly running: boolean;
  /** It ran at least once since it was created; what becomes of it then is the restart policy's. */
  readonly started: boolean;
}

export type Step = 'pull' | 'stop' | 'remove' | 'create' | 'start';

/** Steps for one module, done in sequence; the first that fails ends them. */
export interface ModulePlan {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Absent for a module that goes. */
  readonly spec?: ModuleSpec;
}

/**
 * The way from what is to what should be, in edgeAgent's order: removals first, then by startupOrder; a changed module is
 * pulled before the old one stops, and old and new never run together. An unchanged module is left alone.
 * Restarts after an exit are not planned here: they follow the restart policy.
 */
export function plan(desired: readonly ModuleSpec[], current: ReadonlyMap<string, CurrentModule>): ModulePlan[] {
  const wanted = new Set(desired.map(({ name }) => name));
  const plans: ModulePlan[] = [];
  for (const [name, { running }] of current) {
    if (!wanted.has(name)) plans.push({ name, steps: running ? ['stop', 'remove'] : ['remove'] });
  }
  for (const spec of inStartOrder(desired)) {
    const steps = stepsFor(spec, current.get(spec.name));
    if (steps.length > 0) plans.push({ name: spec.name, steps, spec });
  }
  return plans;
}

/** By startupOrder; where it is the same, as the manifest has them. */
export function inStartOrder(specs: readonly ModuleSpec[]): ModuleSpec[] {
  return [...specs].sort((a, b) => a.startupOrder - b.startupOrder);
}

function stepsFor(spec: ModuleSpec, now: CurrentModule | undefined): Step[] {
  const start: Step[] = spec.status === 'running' ? ['start'] : [];
  if (now === undefined) return ['pull', 'create', ...start];
  if (!sameContainer(spec, now.spec))
    return ['pull', ...(now.running ? (['stop'] as const) : []), 'remove', 'create', ...start];
  if (spec.status === 'running' && !now.running && !now.started) return ['start'];
  if (spec.status === now.spec.status) return [];
  // Only the wanted status differs: the same container is started or stopped.
  if (spec.status === 'stopped') return now.running ? ['stop'] : [];
  return now.running ? [] : ['start'];
}

/** Everything but the status (iotedge: DockerModule.Equals, IsOnlyModuleStatusChanged), whatever the order of names in objects. */
export function sameContainer(a: ModuleSpec, b: ModuleSpec): boolean {
  return identity(a) === identity(b);
}

function identity({ status: _status, createOptionsText: _text, ...spec }: ModuleSpec): string {
  return JSON.stringify(spec, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)))
      : value,
  );
}
