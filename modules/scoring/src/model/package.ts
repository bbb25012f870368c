import type { ModelManifest } from './manifest.js';
import type { ModelId } from './model-id.js';

/** A package that was read and whose digests were checked; frozen. */
export interface Package {
  readonly id: ModelId;
  readonly directory: string;
  readonly manifest: ModelManifest;
  /** One label per class, in the classifier's order. */
  readonly labels: readonly string[];
}
