import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Twin } from '../control/control-api.js';
import { listFinished } from '../storage/write-file-atomic.js';
import { applyMergePatch, diffMergePatch, isJsonObject, type JsonObject } from './merge-patch.js';
import { TwinFiles } from './twin-files.js';
import { TwinValidationError, validateProperties, validateSize } from './validate-properties.js';

export { TwinValidationError } from './validate-properties.js';

export interface TwinChange {
  readonly moduleId: string;
  readonly section: 'desired' | 'reported';
  /** JSON merge patch that leads from the old section to the new one, without `$version`. */
  readonly patch: JsonObject;
  /** `$version` after the change. */
  readonly version: number;
}

export interface TwinStore {
  /** A module without a twin has an empty one at `$version` 1. */
  get(moduleId: string): Twin;
  /** Modules whose twin is not empty. */
  names(): readonly string[];
  /** Replaces the whole desired section; `$version` rises only when something changed. Throws TwinValidationError. */
  replaceDesired(moduleId: string, desired: unknown): Twin;
  /** JSON merge patch (RFC 7386) on desired. Throws TwinValidationError. */
  patchDesired(moduleId: string, patch: unknown): Twin;
  /** JSON merge patch on reported. Throws TwinValidationError. */
  patchReported(moduleId: string, patch: unknown): Twin;
  remove(moduleId: string): Promise<void>;
  /** Called synchronously after each change; returns the way to stop listening. */
  onChange(listener: (change: TwinChange) => void): () => void;
  /** Resolves when everything is on disk. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface TwinStoreOptions {
  /** Created 0700; one JSON file per module. */
  readonly dir: string;
  readonly deviceId: string;
  readonly log?: (line: string) => void;
}

interface Section {
  readonly properties: JsonObject;
  readonly version: number;
}

interface Sections {
  readonly desired: Section;
  readonly reported: Section;
}

const EMPTY: Section = { properties: {}, version: 1 };

export async function openTwinStore(options: TwinStoreOptions): Promise<TwinStore> {
  await mkdir(options.dir, { recursive: true, mode: 0o700 });
  const log = options.log ?? (() => {});
  const twins = await loadAll(options.dir, log);
  const listeners = new Set<(change: TwinChange) => void>();
  const files = new TwinFiles(options.dir, log, (moduleId) => {
    const sections = twins.get(moduleId);
    return sections === undefined ? undefined : { moduleId, ...sections };
  });

  const sectionsOf = (moduleId: string): Sections => twins.get(moduleId) ?? { desired: EMPTY, reported: EMPTY };

  function get(moduleId: string): Twin {
    const { desired, reported } = sectionsOf(moduleId);
    return {
      deviceId: options.deviceId,
      moduleId,
      properties: {
        desired: { ...structuredClone(desired.properties), $version: desired.version },
        reported: { ...structuredClone(reported.properties), $version: reported.version },
      },
    };
  }

  function change(moduleId: string, section: 'desired' | 'reported', patch: JsonObject, always: boolean): Twin {
    const sections = sectionsOf(moduleId);
    const before = sections[section];
    const properties = applyMergePatch(before.properties, patch) as JsonObject;
    if (!isSystem(moduleId)) validateSize(properties, section);
    const effective = diffMergePatch(before.properties, properties);
    if (!always && Object.keys(effective).length === 0) return get(moduleId);
    const version = before.version + 1;
    twins.set(moduleId, { ...sections, [section]: { properties, version } });
    files.touch(moduleId);
    // A module must hear of a patch in its own words, deletions of absent names too, as IoT Hub passes them on.
    const told = structuredClone(always ? patch : effective);
    for (const listener of [...listeners]) listener({ moduleId, section, patch: told, version });
    return get(moduleId);
  }

  return {
    get,
    names: () => [...twins.keys()],
    replaceDesired(moduleId, desired) {
      const wanted = applyMergePatch({}, checked(moduleId, 'desired', desired)) as JsonObject;
      return change(moduleId, 'desired', diffMergePatch(sectionsOf(moduleId).desired.properties, wanted), false);
    },
    patchDesired: (moduleId, patch) => change(moduleId, 'desired', checked(moduleId, 'desired', patch), true),
    patchReported: (moduleId, patch) => change(moduleId, 'reported', checked(moduleId, 'reported', patch), true),
    async remove(moduleId) {
      twins.delete(moduleId);
      files.touch(moduleId);
      await files.flush();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    flush: () => files.flush(),
    close: () => files.close(),
  };
}

/** System modules (`$edgeAgent`, `$edgeHub`) hold manifests and status of many modules: a module's limits do not fit. */
function isSystem(moduleId: string): boolean {
  return moduleId.startsWith('$');
}

function checked(moduleId: string, section: 'desired' | 'reported', value: unknown): JsonObject {
  if (!isJsonObject(value)) throw new TwinValidationError(`${section} of ${moduleId} must be a JSON object`);
  const copy = JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
  if (section === 'desired') {
    // What a twin's GET returns may be sent back as it is.
    delete copy.$version;
    delete copy.$metadata;
  }
  if (!isSystem(moduleId)) validateProperties(copy, section);
  return copy;
}

async function loadAll(dir: string, log: (line: string) => void): Promise<Map<string, Sections>> {
  const twins = new Map<string, Sections>();
  for (const name of await listFinished(dir)) {
    if (!name.endsWith('.json')) continue;
    const path = join(dir, name);
    try {
      const stored = JSON.parse(await readFile(path, 'utf8')) as Sections & { readonly moduleId: string };
      if (typeof stored.moduleId !== 'string' || !isSection(stored.desired) || !isSection(stored.reported)) {
        throw new Error('not a stored twin');
      }
      twins.set(stored.moduleId, { desired: stored.desired, reported: stored.reported });
    } catch (error) {
      log(`twin file ${path} cannot be read (${(error as Error).message}); set aside as ${name}.damaged`);
      await rename(path, `${path}.damaged`);
    }
  }
  return twins;
}

function isSection(value: unknown): value is Section {
  return isJsonObject(value) && isJsonObject(value.properties) && Number.isInteger(value.version);
}
