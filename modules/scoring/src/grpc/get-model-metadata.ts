import {
  type Any,
  DataType,
  type GetModelMetadataRequest,
  type GetModelMetadataResponse,
  packSignatureDefMap,
  packStruct,
  type TensorInfo,
} from '@edgeslot/tensorflow-serving';
import type { DoorContext } from '../door-context.js';
import { scoringError } from '../errors.js';
import type { SignatureTensor } from '../model/manifest.js';
import type { Package } from '../model/package.js';
import { SIGNATURE } from '../scoring/signature.js';
import { checkVersionLabel, namedModel } from './model-spec.js';

/** TensorFlow's `PREDICT_METHOD_NAME` (`saved_model/signature_constants.py`). */
const METHOD = 'tensorflow/serving/predict';
const DTYPES = { string: DataType.DT_STRING, float: DataType.DT_FLOAT } as const;

type Describe = (model: Package, context: DoorContext) => Any;

/** What can be asked for, and how it is answered. */
const fields: ReadonlyMap<string, Describe> = new Map([
  ['signature_def', signatureDef],
  ['edgeslot', ownMetadata],
]);
const KNOWN = [...fields.keys()].join(' or ');

/**
 * GetModelMetadata with TensorFlow Serving's semantics (`servables/tensorflow/get_model_metadata_impl.cc`): what the
 * loaded model takes and answers, as `signature_def`, an Any of SignatureDefMap. `signature_name` is not looked at.
 *
 * Who asks for `edgeslot` gets an Any of google.protobuf.Struct: `numerics` (`float32`, `int8`, `ms-fp`), `numericsDetail`
 * of ms-fp models, `network`, `preprocessing` as in the package's manifest, `device` (the kind that runs the model).
 *
 * Models are named as in Predict, but nothing waits for a swap: until the model is AVAILABLE the answer is UNAVAILABLE.
 */
export function getModelMetadata(
  { modelSpec, metadataField }: GetModelMetadataRequest,
  context: DoorContext,
): GetModelMetadataResponse {
  checkVersionLabel(modelSpec);
  if (metadataField.length === 0) throw scoringError('METADATA_FIELD_MISSING', KNOWN);
  const asked = [...new Set(metadataField)].map((field) => [field, describerOf(field)] as const);
  const model = context.scorer.serving(namedModel(modelSpec, context.model()));
  const { name, version } = model.id;
  return {
    modelSpec: { name, version, signatureName: '' },
    metadata: new Map(asked.map(([field, describe]) => [field, describe(model, context)])),
  };
}

function describerOf(field: string): Describe {
  const describe = fields.get(field);
  if (!describe) throw scoringError('METADATA_FIELD_UNKNOWN', field, KNOWN);
  return describe;
}

function signatureDef({ manifest: { signature } }: Package): Any {
  const inputs = tensorInfos(signature.inputs);
  const outputs = tensorInfos(signature.outputs);
  return packSignatureDefMap([[SIGNATURE, { inputs, outputs, methodName: METHOD }]]);
}

function tensorInfos(tensors: Readonly<Record<string, SignatureTensor>>): [alias: string, info: TensorInfo][] {
  return Object.entries(tensors).map(([alias, { tensor, dtype, shape }]) => [
    alias,
    { name: tensor, dtype: DTYPES[dtype], shape },
  ]);
}

function ownMetadata({ manifest }: Package, { deviceKind }: DoorContext): Any {
  const { numerics, numericsDetail, network, preprocessing } = manifest;
  return packStruct({
    numerics,
    ...(numericsDetail && { numericsDetail: { ...numericsDetail } }),
    network,
    preprocessing: { ...preprocessing },
    device: deviceKind(),
  });
}
