import type { EdgeModule, JsonObject } from '@edgeslot/edge-module';
import type { Log } from '@edgeslot/edge-module/log';
import type { SectionName } from '../config/index.js';
import { fitSection } from './fit-section.js';

export type ReportedName = SectionName | 'slot' | 'counters' | 'lease' | 'module' | 'twin';

/**
 * Bytes of JSON that a reported section may have. A hub holds 32 KB of reported properties in all, so they add up to
 * less, with the names.
 */
export const SECTION_BYTES: Readonly<Record<ReportedName, number>> = {
  slot: 12_000,
  device: 6_000,
  counters: 4_000,
  model: 2_000,
  lease: 1_500,
  swap: 1_000,
  scoring: 1_000,
  cameras: 1_000,
  telemetry: 1_000,
  module: 800,
  twin: 800,
};

/** Reports sections in the sizes that a hub takes, and only when they change; tells the log of codes that are not 200. */
export class Reporter {
  readonly #sent = new Map<ReportedName, string>();
  readonly #logged = new Map<ReportedName, string>();

  constructor(
    private readonly module: Pick<EdgeModule, 'report'>,
    private readonly log: Log,
  ) {}

  report(name: ReportedName, section: JsonObject): void {
    const fitted = fitSection(section, SECTION_BYTES[name]);
    const text = JSON.stringify(fitted);
    if (this.#sent.get(name) === text) return;
    this.#sent.set(name, text);
    this.#tell(name, fitted);
    this.module.report(name, fitted);
  }

  #tell(name: ReportedName, { code, text }: JsonObject): void {
    if (typeof code !== 'number') return;
    const line = `twin: ${name}: ${code} ${text}`;
    if (code !== 200 && this.#logged.get(name) !== line) this.log[code >= 400 ? 'warning' : 'info'](line);
    this.#logged.set(name, line);
  }
}
