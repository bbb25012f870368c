import type { DoorContext } from '../../door-context.js';
import { scoringError } from '../../errors.js';
import { formatModelId } from '../../model/model-id.js';
import type { Package } from '../../model/package.js';
import type { ScoreReply, ScoreRequest } from '../../scoring/scorer.js';
import { acceptedDtypes, bindNames, outputOf, type ReplyTensor } from '../../scoring/signature.js';
import type { NamedTensor } from './predict-reply.js';
import type { RestPredictRequest } from './predict-request.js';

type Caller = Pick<ScoreRequest, 'model' | 'deadline' | 'signal'>;

/** `:predict`: the same work, limits and names as Predict over gRPC. */
export async function predict(
  { inputName, input }: RestPredictRequest,
  caller: Caller,
  context: DoorContext,
): Promise<{ readonly tensors: NamedTensor[]; readonly reply: ScoreReply }> {
  const loaded = context.model();
  // Bad names are refused before they cost a frame; a swap may still bring another model, so they are bound again.
  if (loaded) bind(loaded, inputName);
  const dtypes = loaded ? acceptedDtypes(loaded) : ['string', 'float'];
  const dtype = input.kind === 'images' ? 'string' : 'float';
  if (!dtypes.includes(dtype)) throw scoringError('INPUT_DTYPE', inputName ?? 'inputs', dtypes.join(' or '), dtype);
  checkBatch(input, inputName, loaded, context.settings.scoring.maxBatch);
  const reply = await context.scorer.score({ input, ...caller });
  const tensors = bind(reply.model, inputName).map((one) => {
    const { shape, data } = outputOf(reply, one);
    return { key: one.key, shape, data };
  });
  return { tensors, reply };
}

/** A caller who leaves the name out means the only input, and is answered under aliases. */
function bind(model: Package, inputName: string | undefined): readonly ReplyTensor[] {
  const [alias] = Object.keys(model.manifest.signature.inputs);
  return bindNames(model, [inputName ?? alias!], []);
}

function checkBatch(
  input: ScoreRequest['input'],
  name: string | undefined,
  loaded: Package | undefined,
  maxBatch: number,
): void {
  const shape = input.kind === 'images' ? [input.images.length] : input.shape;
  const batch = shape[0] ?? 0;
  if (batch >= 1 && batch <= maxBatch) return;
  const expected = `[N${input.kind === 'images' ? '' : ',…'}] with N from 1 to ${maxBatch}`;
  const model = loaded ? formatModelId(loaded.id) : 'none';
  throw scoringError('INPUT_SHAPE', name ?? 'inputs', model, expected, `[${shape.join(',')}]`);
}
