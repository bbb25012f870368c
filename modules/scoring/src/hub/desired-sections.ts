import type { Desired, JsonObject, NamedSections } from '@edgeslot/edge-module';
import {
  type Config,
  type LiveSettings,
  SECTION_NAMES,
  type SectionName,
  type Sections,
  validateDesired,
} from '../config/index.js';
import { asScoringError } from '../errors.js';
import { parseModelReference } from '../model/model-id.js';
import type { LaneChanges } from '../slot/lane-changes.js';
import type { DesiredModel } from './desired-model.js';
import { clip, type SectionStatus } from './report-texts.js';

type SettingName = Exclude<SectionName, 'model'>;

export interface DesiredSectionsOptions {
  /** The start-up configuration without the twin: what holds when a section is not desired. */
  readonly config: Config;
  readonly settings: Pick<LiveSettings, 'apply'>;
  readonly model: DesiredModel;
  readonly lanes: Pick<LaneChanges, 'change' | 'choice'>;
  /** Called when a section's report changes by itself. */
  readonly changed: (name: SectionName) => void;
}

/** What the desired properties say, section by section; a bad value is named and the last good one stays. */
export class DesiredSections {
  #version = 0;
  #unknown: readonly string[] = [];
  readonly #statuses = new Map<SectionName, SectionStatus>();
  readonly #inForce = new Map<SectionName, JsonObject>();
  #reload: ReturnType<LaneChanges['change']>;

  constructor(private readonly options: DesiredSectionsOptions) {}

  /**
   * Applies all sections; what is none is left alone and named by `reportUnknown`.
   *
   * @param named sections that were asked for since the last time, with the same value or another one
   */
  apply({ properties, version }: Desired, named: NamedSections): void {
    this.#version = version;
    this.#unknown = Object.keys(properties).filter((name) => !(SECTION_NAMES as readonly string[]).includes(name));
    for (const name of SECTION_NAMES) {
      const value = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (name === 'model') this.#applyModel(value, named.has('model'));
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

  #applyModel(value: unknown, anew: boolean): void {
    const { model, config } = this.options;
    this.#statuses.delete('model');
    if (value === undefined) {
      this.#inForce.delete('model');
      model.want(config.model, 'environment', anew);
      return;
    }
    const checked = validateDesired('model', value);
    const reference = checked.ok ? parseModelReference(checked.value.name) : undefined;
    if (!checked.ok || !reference) {
      this.#refuse('model', checked.ok ? `name: ${checked.value.name} is no model id` : checked.text);
      return;
    }
    this.#inForce.set('model', { name: (value as { name: string }).name });
    model.want(reference, 'twin', anew);
  }

  #applySetting(name: SettingName, value: unknown): void {
    const { settings, config } = this.options;
    const checked = value === undefined ? { ok: true as const, value: config[name] } : validateDesired(name, value);
    if (!checked.ok) {
      this.#refuse(name, checked.text);
      return;
    }
    let reload: ReturnType<LaneChanges['change']>;
    try {
      if (name === 'scoring') reload = this.options.lanes.change(checked.value as Sections['scoring']);
    } catch (error) {
      this.#refuse(name, asScoringError(error).message);
      return;
    }
    const waiting = settings.apply(name, checked.value);
    this.#inForce.set(name, { ...checked.value });
    const status = appliedStatus(value !== undefined, waiting);
    this.#statuses.set(name, reload ? { code: 202, text: 'the model is loaded again for its lanes' } : status);
    if (name === 'scoring') this.#reload = reload;
    if (reload) void this.#followReload(reload, status);
  }

  async #followReload(reload: NonNullable<ReturnType<LaneChanges['change']>>, status: SectionStatus): Promise<void> {
    const failure = await reload;
    if (this.#reload !== reload) return;
    this.#statuses.set('scoring', status);
    if (failure) {
      this.#inForce.set('scoring', { ...this.#inForce.get('scoring'), ...this.options.lanes.choice });
      this.#statuses.set('scoring', {
        code: failure.http,
        text: clip(`lanes and threads: ${failure.code}: ${failure.message}; the last ones stay`),
      });
    }
    this.options.changed('scoring');
  }

  #refuse(name: SectionName, text: string): void {
    this.#statuses.set(name, { code: 400, text: clip(`${text}; the last good value stays`) });
  }
}

function appliedStatus(desired: boolean, waiting: readonly string[]): SectionStatus {
  if (!desired) return { code: 200, text: 'not desired: the start-up values hold' };
  if (waiting.length === 0) return { code: 200, text: 'applied' };
  return { code: 202, text: `accepted; ${waiting.join(', ')} applies when the module starts again` };
}
