import { applyMergePatch, isJsonObject, type JsonObject, replacementPatch, sameJson } from './merge-patch.js';
import { findReportedFault, REPORTED_LIMITS } from './reported-limits.js';

export type SendPatch = (patch: JsonObject) => Promise<void>;

/** Room for the braces and commas of a patch that is put together from several sections. */
const PATCH_BYTES = REPORTED_LIMITS.patchBytes - 1024;

/**
 * The reported sections that we want the hub to hold. Each section is replaced as a whole; changes to the same section
 * between two patches are coalesced; one patch is on its way at a time.
 */
export class ReportedTwin {
  readonly #wanted = new Map<string, JsonObject | null>();
  readonly #dirty = new Set<string>();
  /** What the hub holds as far as we know; tells which names a replacement must delete. */
  #held: JsonObject = {};
  /** The only sections there should be; undefined while nobody has said. */
  #only: ReadonlySet<string> | undefined;
  #send: SendPatch | undefined;
  #busy: Promise<void> | undefined;
  #onFailure: (error: Error) => void = () => {};

  /** The sections in hand that the hub has not acknowledged. */
  get pending(): number {
    return this.#dirty.size;
  }

  /** Returns the fault, if any, for which the section was refused; the old value then stays. */
  set(section: string, value: JsonObject | null): string | undefined {
    const fault = findReportedFault({ [section]: value });
    if (fault) return fault;
    // A copy, so that the caller's object may go on changing.
    this.#wanted.set(section, value === null ? null : (JSON.parse(JSON.stringify(value)) as JsonObject));
    this.#dirty.add(section);
    this.#pump();
    return undefined;
  }

  /** Has the hub forget every section that is not one of these: an older version of the module may have left some. */
  keepOnly(sections: Iterable<string>): void {
    this.#only = new Set(sections);
    this.#forgetOthers();
    this.#pump();
  }

  /** A new connection: everything is sent again, over what the hub says it holds. */
  resume(held: unknown, send: SendPatch, onFailure: (error: Error) => void): void {
    this.#held = isJsonObject(held) ? held : {};
    this.#send = send;
    this.#onFailure = onFailure;
    for (const section of this.#wanted.keys()) this.#dirty.add(section);
    this.#forgetOthers();
    this.#pump();
  }

  #forgetOthers(): void {
    for (const section of Object.keys(this.#held)) {
      if (!this.#only || this.#only.has(section) || section.startsWith('$')) continue;
      this.#wanted.set(section, null);
      this.#dirty.add(section);
    }
  }

  pause(): void {
    this.#send = undefined;
  }

  /** Sends again what the hub does not hold, though it seemed to take it. Returns those sections. */
  reconcile(held: unknown): readonly string[] {
    if (this.#busy || !isJsonObject(held)) return [];
    this.#held = held;
    const lost: string[] = [];
    for (const [section, value] of this.#wanted) {
      if (this.#dirty.has(section) || sameJson(held[section] ?? null, value)) continue;
      lost.push(section);
      this.#dirty.add(section);
    }
    this.#pump();
    return lost;
  }

  /** Resolves when nothing is pending or the connection is gone; the caller bounds the wait. */
  async flush(): Promise<void> {
    while (this.#busy) await this.#busy;
  }

  #pump(): void {
    if (this.#busy || !this.#send || this.#dirty.size === 0) return;
    this.#busy = this.#run().finally(() => {
      this.#busy = undefined;
      this.#pump();
    });
  }

  async #run(): Promise<void> {
    // Sections that change in the same turn travel together.
    await new Promise((resolve) => setImmediate(resolve));
    const send = this.#send;
    if (!send) return;
    const { patch, sections } = this.#nextPatch();
    for (const section of sections) this.#dirty.delete(section);
    try {
      await send(patch);
      this.#held = applyMergePatch(this.#held, patch) as JsonObject;
    } catch (error) {
      for (const section of sections) this.#dirty.add(section);
      if (this.#send !== send) return;
      this.#send = undefined;
      this.#onFailure(error as Error);
    }
  }

  #nextPatch(): { readonly patch: JsonObject; readonly sections: readonly string[] } {
    const patch: Record<string, unknown> = {};
    const sections: string[] = [];
    let bytes = 0;
    for (const section of this.#dirty) {
      const value = this.#wanted.get(section) ?? null;
      const part = value === null ? null : replacementPatch(this.#held[section], value);
      const size = Buffer.byteLength(JSON.stringify({ [section]: part }));
      if (sections.length > 0 && bytes + size > PATCH_BYTES) break;
      bytes += size;
      patch[section] = part;
      sections.push(section);
    }
    return { patch, sections };
  }
}
