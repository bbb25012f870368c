import type { SignatureTensor } from '../../model/manifest.js';
import type { Package } from '../../model/package.js';
import { SIGNATURE } from '../../scoring/signature.js';

const DTYPES = { string: 'DT_STRING', float: 'DT_FLOAT' } as const;

/** `GET /v1/models/NAME[/versions/V]/metadata`: GetModelMetadataResponse in protobuf's JSON. */
export function modelMetadata({ id: { name, version }, manifest: { signature } }: Package) {
  return {
    model_spec: { name, signature_name: '', version: String(version) },
    metadata: {
      signature_def: {
        signature_def: {
          [SIGNATURE]: {
            inputs: tensorInfos(signature.inputs),
            outputs: tensorInfos(signature.outputs),
            method_name: 'tensorflow/serving/predict',
          },
        },
      },
    },
  };
}

function tensorInfos(tensors: Readonly<Record<string, SignatureTensor>>) {
  const infos = Object.entries(tensors).map(([alias, { tensor, dtype, shape }]) => [
    alias,
    {
      dtype: DTYPES[dtype],
      tensor_shape: { dim: shape.map((size) => ({ size: String(size), name: '' })), unknown_rank: false },
      name: tensor,
    },
  ]);
  return Object.fromEntries(infos);
}
