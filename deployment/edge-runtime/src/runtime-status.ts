import type { ModuleRecord } from './agent/module-record.js';
import type { ModuleStatus } from './control/control-api.js';
import type { ModuleSpec } from './manifest/deployment.js';
import type { ProcessEngine } from './process/process-engine.js';
import type { WorkloadModule } from './workload/workload-api.js';

/** The control API's view of a module, without what takes a look at the machine. */
export function moduleStatus(record: ModuleRecord, engine: ProcessEngine, connected: boolean): ModuleStatus {
  const { spec } = record;
  const place = engine.describe(spec.name);
  return {
    name: spec.name,
    image: spec.image,
    command: place?.command ?? '',
    ...(place?.pid === undefined ? {} : { pid: place.pid }),
    address: place?.address ?? '',
    ports: place?.ports ?? [],
    desiredStatus: spec.status,
    runtimeStatus: record.runtimeStatus,
    statusDescription: record.description,
    restartPolicy: spec.restartPolicy,
    restartCount: record.restartCount,
    ...(record.lastExitTime === undefined
      ? {}
      : { exitCode: record.exitCode, lastExitTimeUtc: utc(record.lastExitTime) }),
    ...(record.lastStartTime === undefined ? {} : { lastStartTimeUtc: utc(record.lastStartTime) }),
    connected,
  };
}

export function describeStart({ pid, address, ports, command }: ModuleStatus): string {
  const published = ports.map(({ container, host }) => `${host} -> ${container}`).join(', ');
  return `started as pid ${pid ?? '?'} on ${address}${published === '' ? '' : `, published ${published}`}: ${command}`;
}

/** `GET /modules` of the workload API, in the daemon's shape. */
export function workloadModules(records: Iterable<ModuleRecord>): WorkloadModule[] {
  return [...records].map((record) => ({
    id: record.spec.name,
    name: record.spec.name,
    type: 'docker',
    config: {
      settings: { image: record.spec.image, createOptions: record.spec.createOptionsText },
      env: environment(record.spec),
    },
    status: {
      ...(record.lastStartTime === undefined ? {} : { startTime: utc(record.lastStartTime) }),
      ...(record.lastExitTime === undefined
        ? {}
        : { exitStatus: { exitTime: utc(record.lastExitTime), statusCode: String(record.exitCode) } }),
      runtimeStatus: { status: record.runtimeStatus, description: record.description },
    },
  }));
}

function environment(spec: ModuleSpec): { key: string; value: string }[] {
  return Object.entries(spec.env).map(([key, value]) => ({ key, value }));
}

function utc(time: number): string {
  return new Date(time).toISOString();
}
