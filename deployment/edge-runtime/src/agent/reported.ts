import { arch, platform, release } from 'node:os';
import { DEFAULT_STARTUP_ORDER } from '../manifest/read-modules.js';
import type { ModuleRecord } from './module-record.js';

type Json = Readonly<Record<string, unknown>>;
export interface DesiredStatus {
  readonly code: number;
  readonly description: string;
}

const NEVER = '0001-01-01T00:00:00Z';
const CHUNK = 512;

/** Reported properties of `$edgeAgent` (iotedge: AgentState.cs, DockerRuntimeModule.cs). */
export function reportAgent(
  desired: Json,
  version: number,
  status: DesiredStatus,
  modules: ReadonlyMap<string, ModuleRecord>,
  system: { readonly startedAt: string; readonly hubRunning: boolean },
): Json {
  const runtime = desired.runtime as { settings?: Json } | undefined;
  return {
    schemaVersion: '1.0',
    version: { version: '1.0.0', build: '', commit: '' },
    lastDesiredVersion: version,
    lastDesiredStatus: { code: status.code, description: status.description.slice(0, 1000) },
    runtime: {
      type: 'docker',
      settings: { minDockerVersion: String(runtime?.settings?.minDockerVersion ?? '') },
      platform: { os: platform(), architecture: arch(), version: release() },
    },
    systemModules: {
      edgeAgent: {
        ...systemModule(desired, 'edgeAgent'),
        runtimeStatus: 'running',
        lastStartTimeUtc: system.startedAt,
      },
      edgeHub: {
        ...systemModule(desired, 'edgeHub'),
        status: 'running',
        runtimeStatus: system.hubRunning ? 'running' : 'stopped',
        lastStartTimeUtc: system.startedAt,
      },
    },
    modules: Object.fromEntries([...modules].map(([name, record]) => [name, reportModule(record)])),
  };
}

function systemModule(desired: Json, name: string): Json {
  const entry = (desired.systemModules as Readonly<Record<string, { settings?: Json }>> | undefined)?.[name];
  return { type: 'docker', settings: { image: String(entry?.settings?.image ?? '') }, exitCode: 0, restartCount: 0 };
}

function reportModule(record: ModuleRecord): Json {
  const { spec } = record;
  return {
    type: 'docker',
    status: spec.status,
    restartPolicy: spec.restartPolicy,
    imagePullPolicy: spec.imagePullPolicy,
    ...(spec.startupOrder === DEFAULT_STARTUP_ORDER ? {} : { startupOrder: spec.startupOrder }),
    version: spec.version,
    env: Object.fromEntries(Object.entries(spec.env).map(([key, value]) => [key, { value: value.slice(0, 1000) }])),
    exitCode: record.exitCode,
    statusDescription: record.description.slice(0, 1000),
    lastStartTimeUtc: utc(record.lastStartTime),
    lastExitTimeUtc: utc(record.lastExitTime),
    restartCount: record.restartCount,
    lastRestartTimeUtc: utc(record.lastRestartTime),
    runtimeStatus: record.runtimeStatus,
    settings: { image: spec.image, ...chunked(spec.createOptionsText) },
  };
}

function utc(time: number | undefined): string {
  return time === undefined ? NEVER : new Date(time).toISOString();
}

function chunked(text: string): Json {
  const parts: Record<string, string> = {};
  for (let at = 0, index = 0; at < Math.max(1, text.length) && index < 100; at += CHUNK, index++) {
    parts[index === 0 ? 'createOptions' : `createOptions${String(index).padStart(2, '0')}`] = text.slice(
      at,
      at + CHUNK,
    );
  }
  return parts;
}

/** The merge patch (RFC 7386) that leads from one object to another; undefined when they are equal. */
export function diff(from: Json, to: Json): Json | undefined {
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(from)) if (!key.startsWith('$') && !Object.hasOwn(to, key)) patch[key] = null;
  for (const [key, value] of Object.entries(to)) {
    const old = from[key];
    if (isObject(value) && isObject(old)) {
      const inner = diff(old, value);
      if (inner !== undefined) patch[key] = inner;
    } else if (JSON.stringify(old) !== JSON.stringify(value)) patch[key] = value;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
