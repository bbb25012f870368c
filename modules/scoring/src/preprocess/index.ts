/** Public: pictures to tensors, exactly as scoring does it. */
export { Decoder, type DecoderOptions, type Pixels } from './decode.js';
export { neededSide } from './decode-reduced.js';
export { inPicture } from './in-picture.js';
export { DEFAULT_LIMITS, NO_LIMITS, type PictureLimits } from './limits.js';
export type { PictureHeader } from './picture-header.js';
export { pictureSize } from './picture-size.js';
export { type PreprocessedImage, Preprocessor, preprocessImage } from './preprocess-image.js';
export { Sampler } from './sampler.js';
export { javaScriptKernel, nativeKernel, type SamplingKernel, samplingKernel } from './sampler-kernel.js';
export { CropError, planSampling, resizedSize, type SamplingPlan, type Window, windowOf } from './sampling-plan.js';
export { sniff } from './sniff.js';
