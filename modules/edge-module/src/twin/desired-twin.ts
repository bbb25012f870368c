import { applyMergePatch, isJsonObject, type JsonObject, sameJson } from './merge-patch.js';

/** The desired properties without `$version`, and that version. */
export interface Desired {
  readonly properties: JsonObject;
  readonly version: number;
}

/** Names of sections that somebody has just asked for, whether their values are new or not. */
export type NamedSections = ReadonlySet<string>;

/**
 * Our own copy of the desired properties, kept by `$version`: a patch counts only when it is the next one
 * (Azure/iotedge `doc/edgehub-api.md`).
 */
export class DesiredTwin {
  #current: Desired | undefined;

  get current(): Desired | undefined {
    return this.#current;
  }

  /** Takes the whole section from a GET, which always wins. Returns what differs; nothing when the version does not. */
  replace(section: unknown): NamedSections | undefined {
    const version = readVersion(section);
    if (!isJsonObject(section) || version === undefined)
      throw new Error('twin: desired has no $version; expected {"$version": number, …}');
    // A null in a whole twin is what a hub forgot to delete.
    const properties = applyMergePatch({}, withoutSystemKeys(section)) as JsonObject;
    const before = this.#current;
    this.#current = { properties, version };
    const named = differences(before?.properties ?? {}, properties);
    return before?.version !== version || named.size > 0 ? named : undefined;
  }

  /**
   * Takes a patch in and returns the sections that it names. `stale`: it was taken before. `gap`: a patch in between was
   * missed, or nothing is known yet, so the whole twin must be asked for.
   */
  patch(patch: unknown): NamedSections | 'stale' | 'gap' {
    const version = readVersion(patch);
    const before = this.#current;
    if (!isJsonObject(patch) || version === undefined || !before) return 'gap';
    if (version <= before.version) return 'stale';
    if (version !== before.version + 1) return 'gap';
    const changes = withoutSystemKeys(patch);
    this.#current = { properties: applyMergePatch(before.properties, changes) as JsonObject, version };
    return new Set(Object.keys(changes));
  }
}

/** The sections whose values differ, and those that only one side has. */
function differences(before: JsonObject, after: JsonObject): NamedSections {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const name of names) if (sameJson(before[name], after[name])) names.delete(name);
  return names;
}

function readVersion(section: unknown): number | undefined {
  const version = isJsonObject(section) ? section.$version : undefined;
  return typeof version === 'number' ? version : undefined;
}

/** `$version` and `$metadata` are the hub's. */
function withoutSystemKeys(section: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(section).filter(([key]) => !key.startsWith('$')));
}
