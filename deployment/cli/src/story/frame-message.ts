/** What the camera module says of one frame, on its output `frames`. */
export interface FrameMessage {
  readonly camera: string;
  readonly frame: number;
  readonly status: 'scored' | 'dropped' | 'failed';
  readonly httpStatus?: number;
  readonly label?: string;
  /** 0…1. */
  readonly confidence?: number;
  /** Of a detector: how many objects it saw. */
  readonly objects?: number;
  /** `name:version` of the model that answered. */
  readonly model?: string;
  /** Post to answer. */
  readonly latencyMs?: number;
  /** Why it was not scored. */
  readonly reason?: string;
  readonly counters?: FrameCounters;
}

/** `posted = scored + dropped + failed + inFlight`, always. */
export interface FrameCounters {
  readonly posted: number;
  readonly scored: number;
  readonly dropped: number;
  readonly failed: number;
  readonly inFlight: number;
}

/** Reads a message body; `undefined` when it is not a frame message. */
export function readFrameMessage(body: unknown): FrameMessage | undefined {
  if (!isRecord(body)) return undefined;
  const { camera, frame, status } = body;
  if (typeof camera !== 'string' || typeof frame !== 'number') return undefined;
  if (status !== 'scored' && status !== 'dropped' && status !== 'failed') return undefined;
  const counters = readCounters(body.counters);
  return {
    camera,
    frame,
    status,
    ...text(body, 'label'),
    ...text(body, 'model'),
    ...text(body, 'reason'),
    ...finite(body, 'httpStatus'),
    ...finite(body, 'confidence'),
    ...finite(body, 'objects'),
    ...finite(body, 'latencyMs'),
    ...(counters && { counters }),
  };
}

/** Reads a camera's counters, from a message or from its reported twin. */
export function readCounters(value: unknown): FrameCounters | undefined {
  if (!isRecord(value)) return undefined;
  const { posted, scored, dropped, failed, inFlight } = value;
  const all = [posted, scored, dropped, failed, inFlight];
  if (!all.every((count) => Number.isSafeInteger(count) && (count as number) >= 0)) return undefined;
  return { posted, scored, dropped, failed, inFlight } as FrameCounters;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text<K extends 'label' | 'model' | 'reason'>(
  body: Record<string, unknown>,
  key: K,
): Partial<Record<K, string>> {
  const value = body[key];
  return typeof value === 'string' ? ({ [key]: value } as Record<K, string>) : {};
}

function finite<K extends 'httpStatus' | 'confidence' | 'objects' | 'latencyMs'>(
  body: Record<string, unknown>,
  key: K,
): Partial<Record<K, number>> {
  const value = body[key];
  return typeof value === 'number' && Number.isFinite(value) ? ({ [key]: value } as Record<K, number>) : {};
}
