import { isRecord } from './frame-message.js';

/** RFC 7396, as twins are patched: `null` removes, objects merge, all else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const merged: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

/** How one wish for a model ended; milliseconds by stage. */
export interface ReportedSwap {
  readonly id?: number;
  readonly from?: string;
  readonly to: string;
  readonly requestedBy: string;
  readonly result: string;
  readonly at: string;
  readonly error?: string;
  readonly durations: Readonly<Record<string, number>>;
}

export function readSwap(value: unknown): ReportedSwap | undefined {
  if (!isRecord(value)) return undefined;
  const { id, from, to, requestedBy, result, at, durations } = value;
  if (![to, requestedBy, result, at].every((each) => typeof each === 'string')) return undefined;
  const error = errorText(value.error);
  const stages = Object.entries(isRecord(durations) ? durations : {}).filter(([, ms]) => typeof ms === 'number');
  return {
    to: to as string,
    requestedBy: requestedBy as string,
    result: result as string,
    at: at as string,
    ...(typeof id === 'number' && { id }),
    ...(typeof from === 'string' && { from }),
    ...(error && { error }),
    durations: Object.fromEntries(stages) as Record<string, number>,
  };
}

/** What the scoring module says of its slot and its device in its reported twin. */
export interface ReportedSlot {
  readonly state: string;
  readonly model?: string;
  /** Of the model that serves: `float32`, `int8`, or `ms-fp` with how it is rounded. */
  readonly numerics?: string;
  readonly error?: string;
  /** The newest of the wishes that have ended. */
  readonly lastSwap?: ReportedSwap;
}

/** What it says of its lease on the device, where modules share one. */
export interface ReportedLease {
  readonly state: string;
  readonly text: string;
}

export interface ReportedDevice {
  readonly kind: string;
  readonly reason?: string;
  readonly description?: string;
  readonly lanes?: number;
  readonly threadsPerLane?: number;
}

export function readSlot(reported: unknown): ReportedSlot | undefined {
  const slot = isRecord(reported) ? reported.slot : undefined;
  if (!isRecord(slot) || typeof slot.state !== 'string') return undefined;
  const model = modelText(slot.model);
  const error = errorText(slot.error);
  const { state, numerics, history } = slot;
  const lastSwap = Array.isArray(history) ? readSwap(history.at(-1)) : undefined;
  return {
    state,
    ...(model && { model }),
    ...(typeof numerics === 'string' && { numerics }),
    ...(error && { error }),
    ...(lastSwap && { lastSwap }),
  };
}

export function readLease(reported: unknown): ReportedLease | undefined {
  const lease = isRecord(reported) ? reported.lease : undefined;
  if (!isRecord(lease) || typeof lease.state !== 'string' || typeof lease.text !== 'string') return undefined;
  return { state: lease.state, text: lease.text };
}

export function readDevice(reported: unknown): ReportedDevice | undefined {
  const device = isRecord(reported) ? reported.device : undefined;
  if (!isRecord(device) || typeof device.kind !== 'string') return undefined;
  const { kind, reason, description, lanes, threadsPerLane } = device;
  return {
    kind,
    ...(typeof reason === 'string' && { reason }),
    ...(typeof description === 'string' && { description }),
    ...(typeof lanes === 'number' && { lanes }),
    ...(typeof threadsPerLane === 'number' && { threadsPerLane }),
  };
}

/** The desired `$version` that a module says it has applied: the highest of its sections. */
export function readAppliedVersion(reported: unknown): number | undefined {
  if (!isRecord(reported)) return undefined;
  const versions = Object.values(reported)
    .map((section) => (isRecord(section) ? section.version : undefined))
    .filter((version): version is number => Number.isSafeInteger(version));
  return versions.length === 0 ? undefined : Math.max(...versions);
}

/** Sections that were refused: `model 400: …`. */
export function readRefusals(reported: unknown): string[] {
  if (!isRecord(reported)) return [];
  return Object.entries(reported).flatMap(([name, section]) => {
    if (!isRecord(section) || typeof section.code !== 'number' || section.code < 400) return [];
    return [`${name} ${section.code}: ${String(section.text ?? '')}`];
  });
}

function modelText(model: unknown): string | undefined {
  if (typeof model === 'string' && model !== '') return model;
  if (!isRecord(model) || typeof model.name !== 'string') return undefined;
  return typeof model.version === 'number' ? `${model.name}:${model.version}` : model.name;
}

function errorText(error: unknown): string | undefined {
  if (!isRecord(error)) return undefined;
  return [error.code, error.text].filter((part) => typeof part === 'string').join(': ') || undefined;
}
