/** Versions that the runtime takes: it promises ONNX's operator sets from 7 on, and knows none above the last. */
export const OPSETS = { least: 7, most: 26 } as const;
export const IR_VERSIONS = { least: 3, most: 13 } as const;

/**
 * The operators of ONNX that onnxruntime runs on a CPU, by the operator set that brought them (7 stands for all before).
 * Source: onnxruntime's `docs/OperatorKernels.md`; a test asks the runtime itself.
 */
const SINCE: Readonly<Record<number, string>> = {
  7: `Abs Acos Add And ArgMax ArgMin Asin Atan AveragePool BatchNormalization Cast Ceil Clip Concat Constant Conv
    ConvTranspose Cos DepthToSpace Div Dropout Elu Equal Exp Flatten Floor GRU Gather Gemm GlobalAveragePool GlobalLpPool
    GlobalMaxPool Greater HardSigmoid Hardmax Identity If InstanceNormalization LRN LSTM LayerNormalization LeakyRelu Less
    Log LogSoftmax Loop LpNormalization LpPool MatMul Max MaxPool MaxRoiPool Mean MeanVarianceNormalization Min Mul
    Multinomial Neg Not Or PRelu Pad Pow RNN RandomNormal RandomNormalLike RandomUniform RandomUniformLike Reciprocal
    ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare
    Relu Reshape Selu Shape Sigmoid Sin Size Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Tan
    Tanh ThresholdedRelu Tile TopK Transpose Unsqueeze Upsample Xor`,
  8: 'Expand Scan',
  9: `Acosh Asinh Atanh Compress ConstantOfShape Cosh Erf EyeLike IsNaN MaxUnpool NonZero OneHot Scatter Shrink Sign Sinh
    TfIdfVectorizer Where`,
  10: `ConvInteger DequantizeLinear IsInf MatMulInteger Mod NonMaxSuppression QLinearConv QLinearMatMul QuantizeLinear
    Resize ReverseSequence RoiAlign StringNormalizer`,
  11: `BitShift ConcatFromSequence CumSum Det DynamicQuantizeLinear GatherElements GatherND Range Round ScatterElements
    ScatterND SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength SplitToSequence Unique`,
  12: 'Celu Einsum GreaterOrEqual LessOrEqual NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss',
  14: 'HardSwish Trilu',
  15: 'Bernoulli CastLike Optional OptionalGetElement OptionalHasElement',
  16: 'GridSample',
  17: 'BlackmanWindow DFT HammingWindow HannWindow MelWeightMatrix STFT SequenceMap',
  18: 'BitwiseAnd BitwiseNot BitwiseOr BitwiseXor CenterCropPad Col2Im GroupNormalization Mish',
  19: 'DeformConv',
  20: 'AffineGrid Gelu RegexFullMatch StringConcat StringSplit',
  23: 'Attention RMSNormalization RotaryEmbedding',
  24: 'Swish TensorScatter',
};

/** Operators that a later operator set took away: the last that has them. */
const UNTIL: Readonly<Record<string, number>> = { Upsample: 9, Scatter: 10 };

/** onnxruntime's own, as its quantisation tools and its optimiser write them. */
const MICROSOFT = new Set(
  `BiasGelu DequantizeLinear DynamicQuantizeLSTM DynamicQuantizeMatMul FastGelu FusedConv FusedGemm FusedMatMul Gelu
  MatMulInteger16 MatMulIntegerToFloat MatMulNBits NhwcMaxPool Pad QAttention QEmbedLayerNormalization QGemm QLinearAdd
  QLinearAveragePool QLinearConcat QLinearConv QLinearGlobalAveragePool QLinearLeakyRelu QLinearMul QLinearReduceMean
  QLinearSigmoid QLinearSoftmax QLinearWhere QuantizeLinear QuickGelu ReduceSumInteger SkipLayerNormalization
  TransposeMatMul`.split(/\s+/),
);

const ONNX = new Map<string, { readonly since: number; readonly until: number }>();
for (const [since, names] of Object.entries(SINCE)) {
  for (const name of names.split(/\s+/)) ONNX.set(name, { since: Number(since), until: UNTIL[name] ?? OPSETS.most });
}

/** Each operator that is known, for a test that compares them with the runtime. */
export const KNOWN_OPERATORS: readonly (readonly [domain: string, type: string, since: number, until: number])[] = [
  ...[...ONNX].map(([type, { since, until }]) => ['', type, since, until] as const),
  ...[...MICROSOFT].map((type) => ['com.microsoft', type, OPSETS.least, OPSETS.most] as const),
];

/** Why the runtime cannot run this operator at this version of its domain; `undefined` when it can. */
export function whyUnknown(domain: string, type: string, opset: number): string | undefined {
  if (domain === 'com.microsoft') return MICROSOFT.has(type) ? undefined : 'which this module does not know';
  if (domain !== '') return 'whose domain this module does not know';
  const known = ONNX.get(type);
  if (!known) return 'which it does not have';
  if (opset < known.since) return `which came with opset ${known.since}`;
  return opset > known.until ? `which ended with opset ${known.until}` : undefined;
}
