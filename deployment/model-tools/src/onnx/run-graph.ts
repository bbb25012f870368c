import * as ort from 'onnxruntime-node';

/**
 * A graph with one input and one output, open in onnxruntime. Only for worker threads: `run` blocks the thread that
 * calls it.
 */
export class OpenGraph {
  readonly #session: ort.InferenceSession;

  private constructor(session: ort.InferenceSession) {
    this.#session = session;
  }

  static async open(model: string | Uint8Array): Promise<OpenGraph> {
    const options: ort.InferenceSession.SessionOptions = { logSeverityLevel: 3 };
    const session =
      typeof model === 'string'
        ? await ort.InferenceSession.create(model, options)
        : await ort.InferenceSession.create(model, options);
    return new OpenGraph(session);
  }

  async run(values: Float32Array, shape: readonly number[]): Promise<Float32Array> {
    return (await this.runShaped(values, shape)).values;
  }

  /** As `run`, with the shape of what came out. */
  async runShaped(
    values: Float32Array,
    shape: readonly number[],
  ): Promise<{ values: Float32Array; shape: readonly number[] }> {
    const input = new ort.Tensor('float32', values, shape);
    const outputs = await this.#session.run({ [this.#session.inputNames[0]!]: input });
    const output = outputs[this.#session.outputNames[0]!]!;
    return { values: output.data as Float32Array, shape: output.dims };
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
