import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

export interface ImageProgram {
  /** Program and arguments; a JavaScript file runs with this Node. */
  readonly command: readonly [string, ...string[]];
  readonly workingDir: string;
  /** What the image's Dockerfile sets with ENV. */
  readonly env: Readonly<Record<string, string>>;
  readonly isNode: boolean;
}

export interface ImageCatalog {
  /** Throws ImageUnknownError, which names the repositories that are known. */
  resolve(image: string): Promise<ImageProgram>;
}

export class ImageUnknownError extends Error {
  override readonly name = 'ImageUnknownError';
}

export interface CatalogOptions {
  /** Folders with `modules/<name>/module.json`. */
  readonly roots: readonly string[];
  readonly map: Readonly<Record<string, string | readonly string[]>>;
}

/** Looks images up anew each time: a module that was added or rebuilt meanwhile is found. */
export function imageCatalog({ roots, map }: CatalogOptions): ImageCatalog {
  return {
    async resolve(image) {
      const mapped = map[image] ?? map[repositoryOf(image)];
      if (mapped !== undefined)
        return fromCommand(image, typeof mapped === 'string' ? mapped.split(/\s+/).filter(Boolean) : mapped);
      const known = await readRepositories(roots);
      const folder = candidates(repositoryOf(image))
        .map((name) => known.get(name))
        .find((found) => found !== undefined);
      if (folder !== undefined) return fromPackage(image, folder);
      const names = [...known.keys(), ...Object.keys(map)];
      throw new ImageUnknownError(
        `image ${image} is not known here; ${names.length === 0 ? `no modules/*/module.json was found under ${roots.join(', ')}` : `known repositories: ${names.join(', ')}`}. Name it in a module.json or map it to a command`,
      );
    },
  };
}

/** Without tag and digest. */
export function repositoryOf(image: string): string {
  return image
    .replace(/@.*$/, '')
    .replace(/:[^/:]*$/, '')
    .toLowerCase();
}

/** The repository itself, then without its registry: the same module, wherever it is pulled from on a device. */
function candidates(repository: string): string[] {
  const [registry = '', ...rest] = repository.split('/');
  const isRegistry = rest.length > 0 && (/[.:]/.test(registry) || registry === 'localhost');
  return isRegistry ? [repository, rest.join('/')] : [repository];
}

async function readRepositories(roots: readonly string[]): Promise<Map<string, string>> {
  const known = new Map<string, string>();
  for (const root of roots) {
    const modules = path.join(root, 'modules');
    for (const entry of await readdir(modules, { withFileTypes: true }).catch(() => [])) {
      const folder = path.join(modules, entry.name);
      const descriptor = (await readJson(path.join(folder, 'module.json'))) as
        | { image?: { repository?: unknown } }
        | undefined;
      const repository = descriptor?.image?.repository;
      if (typeof repository === 'string' && !known.has(repository.toLowerCase()))
        known.set(repository.toLowerCase(), folder);
    }
  }
  return known;
}

async function fromPackage(image: string, folder: string): Promise<ImageProgram> {
  const file = path.join(folder, 'package.json');
  const manifest = (await readJson(file)) as { bin?: unknown; edgeslot?: { env?: unknown } } | undefined;
  const bin =
    typeof manifest?.bin === 'string' ? manifest.bin : Object.values((manifest?.bin as object | undefined) ?? {})[0];
  if (typeof bin !== 'string')
    throw new ImageUnknownError(`image ${image} stands for ${folder}, but ${file} has no "bin" to run`);
  const env = Object.entries((manifest?.edgeslot?.env as object | undefined) ?? {}).map(([key, value]) => [
    key,
    String(value),
  ]);
  return {
    command: [process.execPath, path.resolve(folder, bin)],
    workingDir: folder,
    env: Object.fromEntries(env),
    isNode: true,
  };
}

function fromCommand(image: string, words: readonly string[]): ImageProgram {
  const [program, ...args] = words;
  if (program === undefined) throw new ImageUnknownError(`image ${image} is mapped to an empty command`);
  const isScript = /\.[cm]?js$/.test(program);
  const isNode = isScript || program === process.execPath || program === 'node';
  const command: [string, ...string[]] = isScript
    ? [process.execPath, path.resolve(program), ...args]
    : [program === 'node' ? process.execPath : program, ...args];
  return { command, workingDir: process.cwd(), env: {}, isNode };
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ImageUnknownError(`${file} is not JSON: ${(error as Error).message}`);
  }
}
