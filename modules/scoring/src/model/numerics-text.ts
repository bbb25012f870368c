import type { ModelManifest } from './manifest.js';

/** For people: `float32`, `int8`, `ms-fp (ms-fp11: 5-bit mantissa, blocks of 128; weights and activations)`. */
export function numericsText({ numerics, numericsDetail }: Pick<ModelManifest, 'numerics' | 'numericsDetail'>): string {
  if (!numericsDetail) return numerics;
  const { format, mantissaBits, block, activations } = numericsDetail;
  const what = activations ? 'weights and activations' : 'weights';
  return `${numerics} (${format}: ${mantissaBits}-bit mantissa, blocks of ${block}; ${what})`;
}
