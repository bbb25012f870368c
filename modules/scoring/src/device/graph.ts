import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { scoringError } from '../errors.js';
import type { GraphSpec, GraphTensor } from '../model/manifest.js';
import { formatShape, valuesOfOne } from '../model/shape.js';

/**
 * One graph of a package in onnxruntime. `run` blocks the thread that calls it, so only a lane's worker may import this
 * file.
 */
export class Graph {
  private constructor(
    readonly spec: GraphSpec,
    private readonly path: string,
    private readonly session: ort.InferenceSession,
  ) {}

  /**
   * @param level how far the graph may be rewritten; beyond `extended`, weights that lie in another file are refused
   * @throws ScoringError PACKAGE_GRAPH when the file is not the graph that the manifest describes
   */
  static async open(
    directory: string,
    spec: GraphSpec,
    threads: number,
    level: 'all' | 'extended' = 'all',
  ): Promise<Graph> {
    const path = join(directory, spec.file);
    const session = await ort.InferenceSession.create(path, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: level,
      executionMode: 'sequential',
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
      // Threads that spin for their next piece of work take a third more CPU time a frame (ResNet-50, two threads) from
      // the camera, the hub and the other modules on the same cores.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    }).catch((error: Error) => {
      const found = error.message.split('\n')[0]!.slice(0, 300);
      throw scoringError('PACKAGE_GRAPH', path, 'graph', 'an ONNX graph that onnxruntime can load', found);
    });
    try {
      checkTensors(path, 'input', [spec.input], session.inputMetadata);
      checkTensors(path, 'outputs', spec.outputs, session.outputMetadata);
      const extra = session.inputNames.filter((name) => name !== spec.input.name);
      if (extra.length > 0) throw scoringError('PACKAGE_GRAPH', path, 'inputs', spec.input.name, extra.join(', '));
    } catch (error) {
      await session.release();
      throw error;
    }
    return new Graph(spec, path, session);
  }

  /**
   * Runs one batch; keyed by output name.
   * @throws ScoringError PACKAGE_GRAPH when an output is not of the manifest's size, which a graph need not state
   */
  async run(shape: readonly number[], data: Float32Array): Promise<Record<string, ort.TypedTensor<'float32'>>> {
    const feeds = { [this.spec.input.name]: new ort.Tensor('float32', data, shape) };
    const fetches = this.spec.outputs.map((output) => output.name);
    const results = (await this.session.run(feeds, fetches)) as Record<string, ort.TypedTensor<'float32'>>;
    for (const { name, shape: expected } of this.spec.outputs) {
      const values = shape[0]! * valuesOfOne(expected);
      const { data, dims } = results[name]!;
      if (data.length === values) continue;
      throw scoringError('PACKAGE_GRAPH', this.path, `shape of ${name}`, formatShape(expected), formatShape(dims));
    }
    return results;
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}

function checkTensors(
  path: string,
  field: string,
  expected: readonly GraphTensor[],
  found: readonly ort.InferenceSession.ValueMetadata[],
): void {
  for (const { name, shape } of expected) {
    const there = found.find((one) => one.name === name);
    if (!there) {
      const names = found.map((one) => one.name).join(', ') || 'none';
      throw scoringError('PACKAGE_GRAPH', path, `${field} name`, name, names);
    }
    if (!there.isTensor || there.type !== 'float32') {
      throw scoringError(
        'PACKAGE_GRAPH',
        path,
        `type of ${name}`,
        'float32',
        there.isTensor ? there.type : 'no tensor',
      );
    }
    // onnxruntime gives an empty shape when the graph states none.
    if (there.shape.length > 0 && !fits(shape, there.shape)) {
      throw scoringError('PACKAGE_GRAPH', path, `shape of ${name}`, formatShape(shape), formatShape(there.shape));
    }
  }
}

/** The manifest's -1 and the graph's symbols (or -1) stand for any size. */
function fits(manifest: readonly number[], graph: readonly (number | string)[]): boolean {
  return (
    manifest.length === graph.length &&
    graph.every((size, axis) => typeof size === 'string' || size < 0 || manifest[axis]! < 0 || size === manifest[axis])
  );
}
