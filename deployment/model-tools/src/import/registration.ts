import type { ModelManifest } from '@edgeslot/scoring/model';
import type { SourceManifest } from '../registry/source-manifest.js';
import type { RecipeFile } from './recipe-file.js';

export interface RegisterOptions {
  /** The models directory; made when absent. */
  readonly modelsDir: string;
  /** A package directory, an ONNX file, or a TensorFlow SavedModel directory. */
  readonly path: string;
  readonly name: string;
  readonly description?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** ONNX only: the tensor between featurizer and classifier. */
  readonly split?: string;
  /** ONNX only: how pictures are prepared. */
  readonly recipe?: RecipeFile;
  /** ONNX only: one per class. */
  readonly labels?: readonly string[];
  readonly signal?: AbortSignal;
}

/** What a registration needs of the registry. */
export interface Workshop {
  /** An empty directory on the registry's file system, removed when the registration ends. */
  readonly staging: string;
}

export interface RegisteredPackage {
  readonly manifest: ModelManifest | SourceManifest;
  /** False for a source, which is kept to be converted. */
  readonly servable: boolean;
  /** What was decided where the caller left it open, a line each. */
  readonly notes: readonly string[];
}
