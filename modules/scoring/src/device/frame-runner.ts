import type { GraphTensor } from '../model/manifest.js';
import { valuesOfOne } from '../model/shape.js';
import { Decoder } from '../preprocess/decode.js';
import { neededSide } from '../preprocess/decode-reduced.js';
import { Preprocessor } from '../preprocess/preprocess-image.js';
import type { FrameInput, FrameOutput, TensorData } from './device.js';
import { type Featurizer, graphFeaturizer } from './featurizer.js';
import { Graph } from './graph.js';
import type { LaneStart } from './lane-messages.js';
import { Pool, Turns } from './turns.js';

interface Timings {
  decode: number;
  sample: number;
  featurize: number;
  classify: number;
}

/** The whole frame in one thread: decode, sample, featurizer, classifier. */
export class FrameRunner {
  readonly #featurizer: Featurizer;
  /** None when the featurizer's outputs are the answer. */
  readonly #classifier: Graph | undefined;
  readonly #preprocessor: Preprocessor;
  /** The decoder has one buffer. */
  readonly #decoding = new Turns();
  /** One for each picture that the featurizer takes at once. */
  readonly #tensors: Pool<Float32Array<ArrayBuffer>>;

  private constructor(start: LaneStart, featurizer: Featurizer, classifier: Graph | undefined) {
    this.#featurizer = featurizer;
    this.#classifier = classifier;
    const recipe = start.manifest.preprocessing;
    const reduceTo = start.decode === 'fast' ? neededSide(recipe) : undefined;
    const decoder = new Decoder({ limits: start.limits, singleThreaded: true, reduceTo });
    this.#preprocessor = new Preprocessor(recipe, decoder);
    const { size } = this.#preprocessor;
    this.#tensors = new Pool(Array.from({ length: featurizer.depth }, () => new Float32Array(size)));
  }

  /** @param openFeaturizer what computes the features; onnxruntime in this thread when absent */
  static async open(start: LaneStart, openFeaturizer = openGraph): Promise<FrameRunner> {
    const { directory, manifest, threads } = start;
    const featurizer = await openFeaturizer(start);
    try {
      const classifier = manifest.classifier && (await Graph.open(directory, manifest.classifier, threads));
      return new FrameRunner(start, featurizer, classifier);
    } catch (error) {
      await featurizer.close();
      throw error;
    }
  }

  /**
   * A device takes one picture at a time, so a batch is run picture by picture; one bad picture fails all. Calls may
   * overlap as far as the featurizer's depth goes.
   */
  async run(input: FrameInput): Promise<FrameOutput> {
    const timings: Timings = { decode: 0, sample: 0, featurize: 0, classify: 0 };
    const count = input.kind === 'images' ? input.images.length : (input.shape[0] ?? 0);
    const answers = this.#classifier?.spec.outputs ?? this.#featurizer.outputs;
    const outputs = answers.map((output) => allocate(output, count));
    let next = 0;
    let failed = false;
    const inTurn = async () => {
      while (next < count && !failed) {
        const index = next++;
        await this.#tensors.use((tensor) => this.#picture(input, index, tensor, outputs, timings));
      }
    };
    const runners = Array.from({ length: Math.min(count, this.#featurizer.depth) }, inTurn);
    try {
      await Promise.all(runners);
    } catch (error) {
      failed = true;
      throw error;
    }
    return { outputs, timings };
  }

  /** Frees the graphs; a lane's thread has no need to, as it ends. */
  async close(): Promise<void> {
    await this.#featurizer.close();
    await this.#classifier?.close();
  }

  async #picture(
    input: FrameInput,
    index: number,
    tensor: Float32Array,
    outputs: readonly TensorData[],
    timings: Timings,
  ): Promise<void> {
    if (input.kind === 'tensor') {
      const own = input.data.subarray(index * tensor.length, (index + 1) * tensor.length);
      return this.#score(own, index, outputs, timings);
    }
    const image = input.images[index]!;
    const { decode, sample } = await this.#decoding.take(() =>
      this.#preprocessor.run(image, `images[${index}]`, tensor),
    );
    timings.decode += decode;
    timings.sample += sample;
    return this.#score(tensor, index, outputs, timings);
  }

  async #score(tensor: Float32Array, index: number, outputs: readonly TensorData[], timings: Timings): Promise<void> {
    const start = performance.now();
    const features = await this.#featurizer.run(tensor);
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

async function openGraph({ directory, manifest, threads }: LaneStart): Promise<Featurizer> {
  return graphFeaturizer(await Graph.open(directory, manifest.featurizer, threads));
}

function allocate({ name, shape }: GraphTensor, count: number): TensorData {
  return { name, shape: [count, ...shape.slice(1)], data: new Float32Array(count * valuesOfOne(shape)) };
}
