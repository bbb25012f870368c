import type { Classification } from '../scoring/postprocess.js';

/** A classification of the video-analyzer inference schema (Azure/video-analyzer `contracts/data-schema`); all extension values are strings. */
export interface Inference {
  readonly type: 'classification';
  readonly subtype: 'topk';
  readonly classification: {
    readonly tag: { readonly value: string; readonly confidence: number };
    readonly attributes: readonly { readonly name: string; readonly value: string }[];
  };
  readonly extensions: { readonly model: string; readonly device: string; readonly latencyMs: string };
}

export function toInferences(
  answers: readonly Classification[],
  extensions: { readonly model: string; readonly device: string; readonly latencyMs: number },
): Inference[] {
  const { model, device, latencyMs } = extensions;
  return answers.map(({ label, classId, confidence }) => ({
    type: 'classification',
    subtype: 'topk',
    classification: {
      tag: { value: label, confidence: round(confidence, 6) },
      attributes: [{ name: 'classId', value: String(classId) }],
    },
    extensions: { model, device, latencyMs: latencyMs.toFixed(1) },
  }));
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
