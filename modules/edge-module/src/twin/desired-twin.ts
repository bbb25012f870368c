import { applyMergePatch, isJsonObject, type JsonObject } from './merge-patch.js';

/** The desired properties without `$version`, and that version. */
export interface Desired {
  readonly properties: JsonObject;
  readonly version: number;
}

/**
 * Our own copy of the desired properties, kept by `$version`: a patch counts only when it is the next one
 * (Azure/iotedge `doc/edgehub-api.md`).
 */
export class DesiredTwin {
  #current: Desired | undefined;

  get current(): Desired | undefined {
    return this.#current;
  }

  /** Takes the whole section from a GET, which always wins. Returns whether anything changed. */
  replace(section: unknown): boolean {
    const version = readVersion(section);
    if (!isJsonObject(section) || version === undefined)
      throw new Error('twin: desired has no $version; expected {"$version": number, …}');
    const next = { properties: withoutSystemKeys(section), version };
    const before = this.#current;
    this.#current = next;
    return before?.version !== version || JSON.stringify(before.properties) !== JSON.stringify(next.properties);
  }

  /** `gap`: a patch in between was missed, or nothing is known yet, so the whole twin must be asked for. */
  patch(patch: unknown): 'applied' | 'stale' | 'gap' {
    const version = readVersion(patch);
    const before = this.#current;
    if (!isJsonObject(patch) || version === undefined || !before) return 'gap';
    if (version <= before.version) return 'stale';
    if (version !== before.version + 1) return 'gap';
    this.#current = {
      properties: applyMergePatch(before.properties, withoutSystemKeys(patch)) as JsonObject,
      version,
    };
    return 'applied';
  }
}

function readVersion(section: unknown): number | undefined {
  const version = isJsonObject(section) ? section.$version : undefined;
  return typeof version === 'number' ? version : undefined;
}

/** `$version` and `$metadata` are the hub's. */
function withoutSystemKeys(section: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(section).filter(([key]) => !key.startsWith('$')));
}
