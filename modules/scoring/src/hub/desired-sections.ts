import type { Desired, JsonObject } from '@edgeslot/edge-module';
import { type Config, type LiveSettings, SECTION_NAMES, type SectionName, validateDesired } from '../config/index.js';
import { parseModelReference } from '../model/model-id.js';
import type { DesiredModel } from './desired-model.js';
import { clip, type SectionStatus } from './report-texts.js';

type SettingName = Exclude<SectionName, 'model'>;

export interface DesiredSectionsOptions {
  /** The start-up configuration without the twin: what holds when a section is not desired. */
  readonly config: Config;
  readonly settings: Pick<LiveSettings, 'apply'>;
  readonly model: DesiredModel;
}

/** What the desired properties say, section by section; a bad value is named and the last good one stays. */
export class DesiredSections {
  #version = 0;
  #unknown: readonly string[] = [];
  readonly #statuses = new Map<SectionName, SectionStatus>();
  readonly #inForce = new Map<SectionName, JsonObject>();

  constructor(private readonly options: DesiredSectionsOptions) {}

  /** Applies all sections; what is none is left alone and named by `reportUnknown`. */
  apply({ properties, version }: Desired): void {
    this.#version = version;
    this.#unknown = Object.keys(properties).filter((name) => !(SECTION_NAMES as readonly string[]).includes(name));
    for (const name of SECTION_NAMES) {
      const value = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (name === 'model') this.#applyModel(value);
      else this.#applySetting(name, value);
    }
  }

  /** The reported section of a name: `{version, code, text}` and the values in force. */
  report(name: SectionName): JsonObject {
    const status = this.#statuses.get(name) ?? (name === 'model' ? this.options.model.status : undefined);
    return {
      ...this.#inForce.get(name),
      version: this.#version,
      code: status?.code ?? 200,
      text: status?.text ?? 'not applied yet',
    };
  }

  /** The reported section `twin`: whether the desired properties hold anything that is no section of this module. */
  reportUnknown(): JsonObject {
    const text = `${this.#unknown.join(', ')}: no such section; expected ${SECTION_NAMES.join(', ')}`;
    return {
      version: this.#version,
      ...(this.#unknown.length > 0 ? { code: 400, text: clip(text) } : { code: 200, text: 'every section is known' }),
    };
  }

  #applyModel(value: unknown): void {
    const { model, config } = this.options;
    this.#statuses.delete('model');
    if (value === undefined) {
      this.#inForce.delete('model');
      model.want(config.model, 'environment');
      return;
    }
    const checked = validateDesired('model', value);
    const reference = checked.ok ? parseModelReference(checked.value.name) : undefined;
    if (!checked.ok || !reference) {
      this.#refuse('model', checked.ok ? `name: ${checked.value.name} is no model id` : checked.text);
      return;
    }
    this.#inForce.set('model', { name: (value as { name: string }).name });
    model.want(reference, 'twin');
  }

  #applySetting(name: SettingName, value: unknown): void {
    const { settings, config } = this.options;
    if (value === undefined) {
      settings.apply(name, config[name]);
      this.#inForce.set(name, { ...config[name] });
      this.#statuses.set(name, { code: 200, text: 'not desired: the start-up values hold' });
      return;
    }
    const checked = validateDesired(name, value);
    if (!checked.ok) {
      this.#refuse(name, checked.text);
      return;
    }
    const waiting = settings.apply(name, checked.value);
    this.#inForce.set(name, { ...checked.value });
    this.#statuses.set(
      name,
      waiting.length === 0
        ? { code: 200, text: 'applied' }
        : { code: 202, text: `accepted; ${waiting.join(', ')} applies when the module starts again` },
    );
  }

  #refuse(name: SectionName, text: string): void {
    this.#statuses.set(name, { code: 400, text: clip(`${text}; the last good value stays`) });
  }
}
