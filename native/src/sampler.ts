import { type AddonLoad, loadAddon } from './addon.js';
import type { SamplePixels } from './sample-pixels.js';

/** The addon's sampler; none where the addon is not built, or is an older one without it. */
export function loadSampler(load: () => AddonLoad = loadAddon): SamplePixels | undefined {
  const loaded = load();
  return 'addon' in loaded ? loaded.addon.sample : undefined;
}
