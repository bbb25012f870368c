import { parseArgs } from 'node:util';
import { type CameraConfig, checkConfig } from './camera-config.js';

/** Each setting's variable and flag; numbers are read as numbers. */
const SETTINGS = [
  { field: 'target', variable: 'CAMERA_TARGET', flag: 'target' },
  { field: 'camera', variable: 'CAMERA_ID', flag: 'camera' },
  { field: 'rate', variable: 'CAMERA_RATE', flag: 'rate', number: true },
  { field: 'jitter', variable: 'CAMERA_JITTER', flag: 'jitter', number: true },
  { field: 'timeoutMs', variable: 'CAMERA_TIMEOUT_MS', flag: 'timeout', number: true },
  { field: 'images', variable: 'CAMERA_IMAGES', flag: 'images' },
  { field: 'seed', variable: 'CAMERA_SEED', flag: 'seed', number: true },
] as const;

export interface StartUp {
  readonly config: CameraConfig;
  /** With `--target` the camera works alone, without a hub. */
  readonly standalone: boolean;
  /** Ends after this many frames; only from the command line. */
  readonly frames?: number;
}

/** Defaults, then environment, then command line. Throws an error that names every wrong value. */
export function readStartUp(env: Readonly<Record<string, string | undefined>>, argv: readonly string[]): StartUp {
  const options = Object.fromEntries(
    [...SETTINGS.map(({ flag }) => flag), 'frames'].map((f) => [f, { type: 'string' as const }]),
  );
  const { values } = parseArgs({ args: [...argv], options });
  const given: Record<string, unknown> = {};
  for (const setting of SETTINGS) {
    const text = values[setting.flag] ?? env[setting.variable];
    if (typeof text !== 'string' || text === '') continue;
    given[setting.field] = 'number' in setting ? readNumber(text) : text;
  }
  const { images, seed, ...layer } = given;
  if (images !== undefined) layer.source = { type: 'folder', path: images };
  else if (seed !== undefined) layer.source = { type: 'scene', seed };
  const checked = checkConfig(layer);
  if (!checked.ok) throw new Error(`configuration: ${checked.text}`);
  return { config: checked.config, standalone: values.target !== undefined, ...readFrames(values.frames) };
}

/** Text that is no number stays text, so that the schema's finding shows it. */
function readNumber(text: string): number | string {
  const value = Number(text);
  return Number.isNaN(value) ? text : value;
}

function readFrames(text: unknown): { readonly frames?: number } {
  if (typeof text !== 'string') return {};
  const frames = Number(text);
  if (!Number.isInteger(frames) || frames < 1) throw new Error(`--frames is "${text}"; expected an integer from 1`);
  return { frames };
}
