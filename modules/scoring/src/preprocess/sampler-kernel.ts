import { loadSampler } from '@edgeslot/native';
import type { Pixels } from './decode.js';
import { sampleBilinear } from './sampler-bilinear.js';
import { sampleFilter } from './sampler-filter.js';
import type { SamplingPlan } from './sampling-plan.js';

/** The loops over pixels. Both kinds give the same floats, bit for bit. */
export interface SamplingKernel {
  readonly name: 'native' | 'JavaScript';
  /** `target` receives height × width × 3 floats from its start. */
  readonly sample: (pixels: Pixels, plan: SamplingPlan, target: Float32Array) => void;
}

export const javaScriptKernel: SamplingKernel = {
  name: 'JavaScript',
  sample(pixels, plan, target) {
    if (plan.kind === 'filter') sampleFilter(pixels, plan, target);
    else sampleBilinear(pixels, plan, target);
  },
};

let chosen: SamplingKernel | undefined;

/** The native addon's where it is built, four times as fast; looked for once in a thread. */
export function samplingKernel(): SamplingKernel {
  chosen ??= nativeKernel() ?? javaScriptKernel;
  return chosen;
}

export function nativeKernel(): SamplingKernel | undefined {
  const native = loadSampler();
  if (!native) return undefined;
  return { name: 'native', sample: ({ rgb }, plan, target) => native(rgb, plan, target) };
}
