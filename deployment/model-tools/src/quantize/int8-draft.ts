import type { ModelManifest } from '@edgeslot/scoring/model';
import type { ComparedPackages } from '../compare/compare-packages.js';
import type { PackageDraft } from '../registry/publish.js';
import { besidesFeaturizer } from '../registry/rewritten-featurizer.js';
import type { CalibrationMethod } from './quantizer.js';

export interface HowItWasMade {
  readonly method: CalibrationMethod;
  readonly weightBits: 7 | 8;
  readonly calibratedOn: number;
  readonly compared: ComparedPackages;
}

/** What the int8 version of a model says of itself. */
export function int8Draft(
  source: ModelManifest,
  { name, tags }: { readonly name?: string; readonly tags?: Readonly<Record<string, string>> },
  { method, weightBits, calibratedOn, compared }: HowItWasMade,
): PackageDraft {
  const parent = `${source.name}:${source.version}`;
  const { fields } = besidesFeaturizer(source);
  return {
    ...fields,
    name: name ?? source.name,
    description: `${source.description ?? parent}; int8`.slice(0, 4096),
    tags: {
      ...fields.tags,
      int8Agreement: String(compared.report.agreement),
      int8MeasuredOn: String(compared.pictures),
      int8CalibratedOn: String(calibratedOn),
      int8Method: weightBits === 8 ? method : `${method}, ${weightBits}-bit weights`,
      ...tags,
    },
    parent,
    numerics: 'int8',
  };
}
