import type { DetectedObject } from '../scoring/detections.js';
import type { Classification } from '../scoring/postprocess.js';

interface Tag {
  readonly value: string;
  readonly confidence: number;
}

interface Attribute {
  readonly name: string;
  readonly value: string;
}

interface Common {
  /** All values are strings. */
  readonly extensions: { readonly model: string; readonly device: string; readonly latencyMs: string };
}

/** What a whole picture shows. */
export interface ClassificationInference extends Common {
  readonly type: 'classification';
  readonly subtype: 'topk';
  readonly classification: { readonly tag: Tag; readonly attributes: readonly Attribute[] };
}

/** One thing in a picture. */
export interface EntityInference extends Common {
  readonly type: 'entity';
  readonly subtype: 'objectDetection';
  readonly entity: {
    readonly tag: Tag;
    readonly attributes: readonly Attribute[];
    /** Left, top, width, height from 0 to 1 of the picture as sent; origin top left. */
    readonly box: { readonly l: number; readonly t: number; readonly w: number; readonly h: number };
  };
}

/** An inference of the video analyzers' schema (Azure/video-analyzer `contracts/data-schema`). */
export type Inference = ClassificationInference | EntityInference;

/** What is told with every inference of a frame. */
export interface FrameFacts {
  readonly model: string;
  readonly device: string;
  readonly latencyMs: number;
}

export function toClassifications(answers: readonly Classification[], facts: FrameFacts): ClassificationInference[] {
  const extensions = extensionsOf(facts);
  return answers.map((answer) => ({
    type: 'classification',
    subtype: 'topk',
    classification: describe(answer),
    extensions,
  }));
}

export function toEntities(objects: readonly DetectedObject[], facts: FrameFacts): EntityInference[] {
  const extensions = extensionsOf(facts);
  return objects.map((object) => {
    const [l, t] = [round(object.box.left), round(object.box.top)];
    // From rounded edges, so that left and width together never reach beyond the picture.
    const [w, h] = [round(round(object.box.right) - l), round(round(object.box.bottom) - t)];
    return {
      type: 'entity',
      subtype: 'objectDetection',
      entity: { ...describe(object), box: { l, t, w, h } },
      extensions,
    };
  });
}

function describe({ label, classId, confidence }: Classification): { tag: Tag; attributes: Attribute[] } {
  return {
    tag: { value: label, confidence: round(confidence) },
    attributes: [{ name: 'classId', value: String(classId) }],
  };
}

function extensionsOf({ model, device, latencyMs }: FrameFacts): Common['extensions'] {
  return { model, device, latencyMs: latencyMs.toFixed(1) };
}

function round(value: number): number {
  return Number(value.toFixed(6));
}

export function labelOf(inference: Inference): string {
  return tagOf(inference).value;
}

export function confidenceOf(inference: Inference): number {
  return tagOf(inference).confidence;
}

/** None of a class of the whole picture. */
export function boxOf(inference: Inference): EntityInference['entity']['box'] | undefined {
  return inference.type === 'entity' ? inference.entity.box : undefined;
}

function tagOf(inference: Inference): Tag {
  return inference.type === 'entity' ? inference.entity.tag : inference.classification.tag;
}
