import type { TensorData } from '../device/device.js';
import { scoringError } from '../errors.js';
import type { ModelManifest, SignatureTensor } from '../model/manifest.js';
import type { Package } from '../model/package.js';
import type { ScoreReply } from './scorer.js';

/** The one signature of every model. */
export const SIGNATURE = 'serving_default';

/** One tensor of the reply: the key it is answered under, and the graph output it comes from. */
export interface ReplyTensor {
  readonly key: string;
  readonly tensor: string;
}

/** @throws ScoringError INTERNAL when the graph did not give what the signature promises */
export function outputOf({ outputs }: Pick<ScoreReply, 'outputs'>, { tensor }: ReplyTensor): TensorData {
  const output = outputs.find(({ name }) => name === tensor);
  if (!output) throw scoringError('INTERNAL', `the graph gave no output ${tensor}`);
  return output;
}

type Signature = ModelManifest['signature'];

/**
 * Checks a request's names against a model's signature and says under which names it is answered: the caller who uses
 * aliases (TensorFlow Serving's clients) gets aliases, the one who uses tensor names (Microsoft's) gets tensor names,
 * and the one who asks for outputs by name gets those names.
 */
export function bindNames(
  { manifest: { signature } }: Package,
  inputs: readonly string[],
  filter: readonly string[],
): readonly ReplyTensor[] {
  const byAlias = checkInput(signature, inputs);
  return filter.length > 0 ? filtered(signature, filter) : all(signature, byAlias);
}

/** The element types that the named input takes: pictures may also come as ready float tensors. */
export function acceptedDtypes({ manifest }: Package): readonly string[] {
  const [input] = Object.values(manifest.signature.inputs);
  return input?.dtype === 'float' ? ['float'] : ['string', 'float'];
}

function checkInput({ inputs }: Signature, names: readonly string[]): boolean {
  const expected = Object.entries(inputs);
  const [alias, tensor] = expected[0]!;
  if (names.length !== expected.length) {
    const known = (name: string) => expected.some((input) => spellings(input).includes(name));
    const missing = expected.filter((input) => !spellings(input).some((name) => names.includes(name)));
    throw scoringError(
      'INPUT_COUNT',
      names,
      Object.keys(inputs),
      names.filter((name) => !known(name)).join(', '),
      missing.map(([name]) => name).join(', '),
    );
  }
  const [name] = names;
  if (name === alias) return true;
  if (spellings([alias, tensor]).includes(name!)) return false;
  throw scoringError('INPUT_NAME', alias, tensor.tensor, names.join(', '));
}

function all({ outputs }: Signature, byAlias: boolean): ReplyTensor[] {
  return Object.entries(outputs).map(([alias, { tensor }]) => ({ key: byAlias ? alias : tensor, tensor }));
}

function filtered({ outputs }: Signature, filter: readonly string[]): ReplyTensor[] {
  const entries = Object.entries(outputs);
  return filter.map((key, index) => {
    const found = entries.find((output) => spellings(output).includes(key));
    if (!found)
      throw scoringError('OUTPUT_UNKNOWN', key, entries.map(([alias, { tensor }]) => `${alias}, ${tensor}`).join(', '));
    if (filter.indexOf(key) !== index) throw scoringError('OUTPUT_DUPLICATE', key);
    return { key, tensor: found[1].tensor };
  });
}

function spellings([alias, { tensor, also = [] }]: readonly [string, SignatureTensor]): readonly string[] {
  return [alias, tensor, ...also];
}
