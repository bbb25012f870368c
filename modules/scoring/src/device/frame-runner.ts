import type { GraphTensor } from '../model/manifest.js';
import { valuesOfOne } from '../model/shape.js';
import { Decoder } from '../preprocess/decode.js';
import { neededSide } from '../preprocess/decode-reduced.js';
import { Preprocessor } from '../preprocess/preprocess-image.js';
import type { FrameInput, FrameOutput, TensorData } from './device.js';
import { Graph } from './graph.js';
import type { LaneStart } from './lane-messages.js';

interface Timings {
  decode: number;
  sample: number;
  featurize: number;
  classify: number;
}

/** The whole frame in one thread: decode, sample, featurizer, classifier. One call at a time. */
export class FrameRunner {
  readonly #featurizer: Graph;
  /** None when the featurizer's outputs are the answer. */
  readonly #classifier: Graph | undefined;
  readonly #preprocessor: Preprocessor;
  readonly #tensor: Float32Array;

  private constructor(start: LaneStart, featurizer: Graph, classifier: Graph | undefined) {
    this.#featurizer = featurizer;
    this.#classifier = classifier;
    const recipe = start.manifest.preprocessing;
    const reduceTo = start.decode === 'fast' ? neededSide(recipe) : undefined;
    const decoder = new Decoder({ limits: start.limits, singleThreaded: true, reduceTo });
    this.#preprocessor = new Preprocessor(recipe, decoder);
    this.#tensor = new Float32Array(this.#preprocessor.size);
  }

  static async open(start: LaneStart): Promise<FrameRunner> {
    const { directory, manifest, threads } = start;
    const featurizer = await Graph.open(directory, manifest.featurizer, threads);
    try {
      const classifier = manifest.classifier && (await Graph.open(directory, manifest.classifier, threads));
      return new FrameRunner(start, featurizer, classifier);
    } catch (error) {
      await featurizer.close();
      throw error;
    }
  }

  /** The device takes one picture at a time, so a batch is run picture by picture; one bad picture fails all. */
  async run(input: FrameInput): Promise<FrameOutput> {
    const timings: Timings = { decode: 0, sample: 0, featurize: 0, classify: 0 };
    const count = input.kind === 'images' ? input.images.length : (input.shape[0] ?? 0);
    const outputs = (this.#classifier ?? this.#featurizer).spec.outputs.map((output) => allocate(output, count));
    const size = this.#preprocessor.size;
    for (let index = 0; index < count; index++) {
      if (input.kind === 'images') {
        const { decode, sample } = await this.#preprocessor.run(input.images[index]!, `images[${index}]`, this.#tensor);
        timings.decode += decode;
        timings.sample += sample;
      }
      const tensor = input.kind === 'images' ? this.#tensor : input.data.subarray(index * size, (index + 1) * size);
      await this.#score(tensor, index, outputs, timings);
    }
    return { outputs, timings };
  }

  /** Frees the graphs; a lane's thread has no need to, as it ends. */
  async close(): Promise<void> {
    await this.#featurizer.close();
    await this.#classifier?.close();
  }

  async #score(tensor: Float32Array, index: number, outputs: readonly TensorData[], timings: Timings): Promise<void> {
    const start = performance.now();
    const features = await this.#featurizer.run([1, ...this.#featurizer.spec.input.shape.slice(1)], tensor);
    const featurized = performance.now();
    let result = features;
    if (this.#classifier) {
      const link = this.#classifier.spec.input;
      result = await this.#classifier.run([1, ...link.shape.slice(1)], features[link.name]!.data);
    }
    timings.featurize += featurized - start;
    timings.classify += performance.now() - featurized;
    for (const output of outputs) {
      const { data } = result[output.name]!;
      output.data.set(data, index * data.length);
    }
  }
}

function allocate({ name, shape }: GraphTensor, count: number): TensorData {
  return { name, shape: [count, ...shape.slice(1)], data: new Float32Array(count * valuesOfOne(shape)) };
}
