import { CliError, errorText } from '../cli-error.js';
import { isRecord } from '../story/frame-message.js';

/** What `npm start -- …` changes in the demo's manifest, in memory only. */
export interface DemoChanges {
  /** Directory on the device that holds pictures, bound read-only to `/images`. */
  readonly imagesPath?: string;
  /** Frames per second. */
  readonly rate?: number;
}

const CAMERA_IMAGE = 'edgeslot/camera';
const IMAGES_TARGET = '/images';

/** The manifest's text with the camera's source or rate changed; unchanged text when nothing is asked for. */
export function changeDemoManifest(text: string, changes: DemoChanges, source: string): string {
  if (changes.imagesPath === undefined && changes.rate === undefined) return text;
  const manifest = parse(text, source);
  const sections = contentOf(manifest);
  const modules = path(sections, ['$edgeAgent', 'properties.desired', 'modules']);
  const camera = Object.entries(modules ?? {}).find(([, module]) => {
    const image = path(module, ['settings'])?.image;
    return typeof image === 'string' && (image === CAMERA_IMAGE || image.startsWith(`${CAMERA_IMAGE}:`));
  });
  if (!sections || !camera || !isRecord(camera[1])) {
    throw new CliError(`${source} has no module with the image ${CAMERA_IMAGE}, which --images and --rate speak of`);
  }
  const [name, module] = camera;
  const desired = desiredOf(sections, name);
  if (changes.rate !== undefined) desired.rate = changes.rate;
  if (changes.imagesPath !== undefined) {
    desired.source = { type: 'folder', path: IMAGES_TARGET };
    addBind(module.settings as Record<string, unknown>, `${changes.imagesPath}:${IMAGES_TARGET}:ro`, source);
  }
  return JSON.stringify(manifest);
}

function addBind(settings: Record<string, unknown>, bind: string, source: string): void {
  const given = settings.createOptions ?? '{}';
  const options: unknown =
    typeof given === 'string' ? parse(given === '' ? '{}' : given, `${source}: createOptions of the camera`) : given;
  if (!isRecord(options)) throw new CliError(`${source}: createOptions of the camera is not an object`);
  const hostConfig = isRecord(options.HostConfig) ? options.HostConfig : {};
  const binds = Array.isArray(hostConfig.Binds) ? hostConfig.Binds : [];
  settings.createOptions = JSON.stringify({ ...options, HostConfig: { ...hostConfig, Binds: [...binds, bind] } });
}

function desiredOf(sections: Record<string, unknown>, module: string): Record<string, unknown> {
  const section = isRecord(sections[module]) ? sections[module] : {};
  const desired = isRecord(section['properties.desired']) ? section['properties.desired'] : {};
  sections[module] = { ...section, 'properties.desired': desired };
  return desired;
}

function contentOf(manifest: unknown): Record<string, unknown> | undefined {
  const root = path(manifest, ['content']) ?? manifest;
  return path(root, ['modulesContent']) ?? path(root, ['moduleContent']);
}

function path(value: unknown, keys: readonly string[]): Record<string, unknown> | undefined {
  let at = value;
  for (const key of keys) at = isRecord(at) ? at[key] : undefined;
  return isRecord(at) ? at : undefined;
}

function parse(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CliError(`${source} is not JSON: ${errorText(error)}`);
  }
}
