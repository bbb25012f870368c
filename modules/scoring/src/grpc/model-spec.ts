import type { ModelSpec } from '@edgeslot/tensorflow-serving';
import { scoringError } from '../errors.js';
import type { Package } from '../model/package.js';
import type { ScoreRequest } from '../scoring/scorer.js';
import { SIGNATURE } from '../scoring/signature.js';

/** @throws ScoringError VERSION_LABEL_UNKNOWN: no version has a label here */
export function checkVersionLabel(spec: ModelSpec | undefined): void {
  if (spec?.versionLabel) throw scoringError('VERSION_LABEL_UNKNOWN', spec.versionLabel);
}

/** @throws ScoringError SIGNATURE_UNKNOWN */
export function checkSignatureName(spec: ModelSpec | undefined): void {
  if (spec?.signatureName && spec.signatureName !== SIGNATURE) {
    throw scoringError('SIGNATURE_UNKNOWN', spec.signatureName);
  }
}

/** The model that the caller named; none, or a nameless one, means whichever is loaded. */
export function namedModel(spec: ModelSpec | undefined, loaded: Package | undefined): ScoreRequest['model'] {
  const name = spec?.name || loaded?.id.name;
  if (!spec || !name || (spec.name === '' && spec.version === undefined)) return undefined;
  return { name, ...(spec.version !== undefined && { version: spec.version }) };
}
