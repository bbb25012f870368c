import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import jpegTurbo from '@julusian/jpeg-turbo';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';

/** A decoded picture: 8-bit RGB, row by row. */
interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/**
 * Scores pictures with plain onnxruntime, written apart from the scoring module: the whole picture is resized, then
 * cropped, then normalised, in the order of `preprocess_array` of Microsoft's accelerated models.
 */
export class ReferenceScorer {
  private constructor(
    private readonly featurizer: ort.InferenceSession,
    private readonly classifier: ort.InferenceSession,
  ) {}

  static async open(packageDirectory: string): Promise<ReferenceScorer> {
    const open = async (file: string) =>
      ort.InferenceSession.create(await readFile(join(packageDirectory, file)), { intraOpNumThreads: 1 });
    return new ReferenceScorer(await open('featurizer.onnx'), await open('classifier.onnx'));
  }

  /** The class probabilities of one picture. */
  async scores(bytes: Uint8Array): Promise<Float32Array> {
    return this.scoresOfTensor(preprocess(await decode(bytes)));
  }

  /** The class probabilities of one ready tensor, [1, 224, 224, 3]. */
  async scoresOfTensor(tensor: Float32Array): Promise<Float32Array> {
    const input = new ort.Tensor('float32', tensor, [1, 224, 224, 3]);
    const features = await this.featurizer.run({ [this.featurizer.inputNames[0]!]: input });
    const output = await this.classifier.run({
      [this.classifier.inputNames[0]!]: features[this.featurizer.outputNames[0]!]!,
    });
    return output[this.classifier.outputNames[0]!]!.data as Float32Array;
  }

  async close(): Promise<void> {
    await this.featurizer.release();
    await this.classifier.release();
  }
}

/** JPEGs by libjpeg-turbo's fast transform, which is TensorFlow's default; anything else by sharp. */
async function decode(bytes: Uint8Array): Promise<Pixels> {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) {
    const { width, height, data } = jpegTurbo.decompressSync(Buffer.from(bytes), { format: jpegTurbo.FORMAT_RGB });
    return { width, height, rgb: data };
  }
  const { data, info } = await sharp(bytes)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgb: data };
}

/** The tensor that the original preprocessing makes of a picture: 224 × 224, BGR minus the ImageNet means. */
export function preprocess({ width, height, rgb }: Pixels): Float32Array {
  const scale = Math.fround(256 / Math.min(width, height));
  const newWidth = Math.trunc(Math.fround(width * scale));
  const newHeight = Math.trunc(Math.fround(height * scale));
  const resized = resizeWhole({ width, height, rgb }, newWidth, newHeight);
  const top = Math.trunc((newHeight - 224) / 2);
  const left = Math.trunc((newWidth - 224) / 2);
  const means = [123.68, 116.779, 103.939];
  const tensor = new Float32Array(224 * 224 * 3);
  for (let y = 0, at = 0; y < 224; y++) {
    for (let x = 0; x < 224; x++) {
      for (let channel = 2; channel >= 0; channel--) {
        tensor[at++] = Math.fround(
          resized[((y + top) * newWidth + x + left) * 3 + channel]! - Math.fround(means[channel]!),
        );
      }
    }
  }
  return tensor;
}

/** TensorFlow 1.x bilinear: no half-pixel centre, float32 throughout. */
function resizeWhole({ width, height, rgb }: Pixels, newWidth: number, newHeight: number): Float32Array {
  const out = new Float32Array(newWidth * newHeight * 3);
  const stepY = Math.fround(height / newHeight);
  const stepX = Math.fround(width / newWidth);
  for (let y = 0; y < newHeight; y++) {
    const fromY = Math.fround(y * stepY);
    const y0 = Math.floor(fromY);
    const y1 = Math.min(y0 + 1, height - 1);
    const partY = Math.fround(fromY - y0);
    for (let x = 0; x < newWidth; x++) {
      const fromX = Math.fround(x * stepX);
      const x0 = Math.floor(fromX);
      const x1 = Math.min(x0 + 1, width - 1);
      const partX = Math.fround(fromX - x0);
      for (let channel = 0; channel < 3; channel++) {
        const pixel = (row: number, column: number) => rgb[(row * width + column) * 3 + channel]!;
        const mix = (a: number, b: number, part: number) => Math.fround(a + Math.fround(Math.fround(b - a) * part));
        const upper = mix(pixel(y0, x0), pixel(y0, x1), partX);
        const lower = mix(pixel(y1, x0), pixel(y1, x1), partX);
        out[(y * newWidth + x) * 3 + channel] = mix(upper, lower, partY);
      }
    }
  }
  return out;
}
