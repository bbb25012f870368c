import { readFileSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root, seen from `deployment/cli/dist/`. */
export const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url));
export const DEMO_MANIFEST = join(CHECKOUT, 'deployment', 'demo', 'deployment.json');

/** Where a device keeps its models; the demo's manifests bind it into the scoring module. */
export const DEVICE_MODELS = '/var/lib/edgeslot/models';
/** Where a device would keep pictures to score; bound into the camera by `--images`. */
export const DEVICE_IMAGES = '/var/lib/edgeslot/images';

export function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** A path as a person would type it from here: relative when it lies below the current folder. */
export function shortPath(path: string, cwd = process.cwd()): string {
  const short = relative(cwd, path);
  return short === '' ? '.' : short.startsWith('..') || isAbsolute(short) ? path : short;
}
