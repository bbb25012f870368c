import { createHash } from 'node:crypto';
import * as ort from 'onnxruntime-node';
import { withOutput } from './graph-output.js';
import { type PictureShape, storedChannels, toCardOutput, withoutBorder } from './tensor-layout.js';

/** What the firmware says of the network. */
export interface NetworkShape {
  readonly input: PictureShape;
  readonly border: number;
  readonly output: PictureShape;
  readonly interleaved: boolean;
  readonly inputName: string;
  readonly outputName: string;
}

/** The network that the card holds: halves in, halves out, float32 between. */
export class Network {
  readonly inputValues: number;
  readonly outputValues: number;
  readonly #picture: Float32Array;
  readonly #dims: readonly number[];

  private constructor(
    private readonly shape: NetworkShape,
    private readonly session: ort.InferenceSession,
  ) {
    const { input, border, output, interleaved } = shape;
    this.inputValues = input.rows * input.columns * input.channels;
    this.outputValues = output.rows * output.columns * storedChannels(output.channels, interleaved);
    this.#dims = [1, input.rows - 2 * border, input.columns - 2 * border, input.channels];
    this.#picture = new Float32Array(this.#dims.reduce((product, size) => product * size));
  }

  /** @throws Error with one line, when the image is not the one that was announced or cannot be run */
  static async load(image: Uint8Array, sha256: string, shape: NetworkShape): Promise<Network> {
    const digest = createHash('sha256').update(image).digest('hex');
    if (digest !== sha256) throw new Error(`the image has sha256 ${digest}, announced was ${sha256}`);
    const session = await createSession(image, shape.outputName);
    const [inputName, ...others] = session.inputNames;
    if (inputName !== shape.inputName || others.length > 0)
      throw new Error(`the graph takes ${session.inputNames.join(', ')}, expected ${shape.inputName} alone`);
    const network = new Network(shape, session);
    // Sizes that a graph need not state show in a run, which warms up as well.
    await network.run(new Uint16Array(network.inputValues), new Uint16Array(network.outputValues));
    return network;
  }

  async run(input: Uint16Array, output: Uint16Array): Promise<void> {
    const { shape } = this;
    withoutBorder(input, shape.input, shape.border, this.#picture);
    const feeds = { [shape.inputName]: new ort.Tensor('float32', this.#picture, this.#dims) };
    const result = (await this.session.run(feeds, [shape.outputName]))[shape.outputName]!;
    if (result.type !== 'float32') throw new Error(`${shape.outputName} is ${result.type}, expected float32`);
    toCardOutput(
      result.data as Float32Array,
      shape.output,
      isChannelsFirst(result.dims, shape),
      shape.interleaved,
      output,
    );
  }
}

async function createSession(image: Uint8Array, outputName: string): Promise<ort.InferenceSession> {
  const options: ort.InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  };
  const session = await ort.InferenceSession.create(image, options);
  if (session.outputNames.includes(outputName)) return session;
  await session.release();
  return ort.InferenceSession.create(withOutput(image, outputName), options);
}

function isChannelsFirst(dims: readonly number[], { output, outputName }: NetworkShape): boolean {
  const { rows, columns, channels } = output;
  const is = (...expected: number[]) => dims.length === 4 && expected.every((size, axis) => dims[axis] === size);
  if (is(1, rows, columns, channels)) return false;
  if (is(1, channels, rows, columns)) return true;
  throw new Error(`${outputName} is ${dims.join('×')}, expected 1×${rows}×${columns}×${channels}`);
}
