import type { JsonObject } from '@edgeslot/edge-module';
import { type Config, SECTION_NAMES, validateDesired } from '../config/index.js';
import { isBearable } from '../device/lane-setting.js';
import { parseModelReference } from '../model/model-id.js';

/**
 * The start-up configuration with what the twin desires over it, so that what only a start applies is applied at a start.
 * Bad sections are left out here; they are reported when the hub is connected.
 */
export function configWithDesired(config: Config, desired: JsonObject | undefined): Config {
  if (!desired) return config;
  let result = config;
  for (const name of SECTION_NAMES) {
    if (!Object.hasOwn(desired, name)) continue;
    const checked = validateDesired(name, desired[name]);
    if (!checked.ok) continue;
    if (name === 'scoring' && !isBearable(checked.value as Config['scoring'])) continue;
    if (name !== 'model') {
      result = { ...result, [name]: checked.value };
      continue;
    }
    const model = parseModelReference((checked.value as { readonly name: string }).name);
    if (model) result = { ...result, model };
  }
  return Object.freeze(result);
}
