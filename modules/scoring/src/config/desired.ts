import { deepFreeze } from '../deep-freeze.js';
import type { Config, SectionName, Sections } from './config.js';
import { sectionSchemas } from './schema.js';
import { checkSection } from './validator.js';

export const SECTION_NAMES = Object.keys(sectionSchemas) as readonly SectionName[];

export type DesiredResult<S extends SectionName> =
  | { readonly ok: true; readonly value: Sections[S] }
  | { readonly ok: false; readonly text: string };

/** Checks one section of the twin's desired properties; what it leaves out has the schema's default. */
export function validateDesired<S extends SectionName>(section: S, value: unknown): DesiredResult<S> {
  const candidate = structuredClone(value);
  const findings = checkSection(section, candidate);
  if (findings.length === 0) return { ok: true, value: deepFreeze(candidate as Sections[S]) };
  return { ok: false, text: findings.map(({ path, text }) => `${path}: ${text}`).join('; ') };
}

/** Sections that are read anew for each call, and for each swap. */
export type LiveSections = Pick<Sections, 'swap' | 'scoring' | 'cameras' | 'telemetry'>;

/** Fields that only a restart applies, because what they size is made once. */
const AT_START: Readonly<Partial<Record<SectionName, readonly string[]>>> = {
  device: ['choice'],
  scoring: ['maxImageBytes', 'maxImagePixels', 'maxImageSide', 'maxDecodeMs', 'decode'],
};

/** The settings in force: the start-up configuration until the twin says otherwise. */
export class LiveSettings implements LiveSections {
  #config: Config;
  #live: LiveSections;

  constructor(config: Config) {
    this.#config = config;
    this.#live = config;
  }

  /** The configuration that the rest of the house is made from: what the twin already desired is in it. */
  begin(config: Config): void {
    this.#config = config;
    this.#live = config;
  }

  get swap(): Sections['swap'] {
    return this.#live.swap;
  }
  get scoring(): Sections['scoring'] {
    return this.#live.scoring;
  }
  get cameras(): Sections['cameras'] {
    return this.#live.cameras;
  }
  get telemetry(): Sections['telemetry'] {
    return this.#live.telemetry;
  }

  /**
   * Puts a validated section into force; `undefined` (no longer desired) goes back to the start-up value.
   * @returns the fields whose new value waits for a restart.
   */
  apply<S extends Exclude<SectionName, 'model'>>(section: S, value: Sections[S] | undefined): string[] {
    const start = this.#config[section];
    const next = value ?? start;
    if (section in this.#pick()) this.#live = { ...this.#pick(), [section]: next };
    const fieldsOf = (from: object, field: string) => (from as Record<string, unknown>)[field];
    return (AT_START[section] ?? []).filter((field) => fieldsOf(next, field) !== fieldsOf(start, field));
  }

  #pick(): LiveSections {
    return { swap: this.swap, scoring: this.scoring, cameras: this.cameras, telemetry: this.telemetry };
  }
}
