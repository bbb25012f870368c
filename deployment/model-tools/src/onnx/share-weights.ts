import { valueOffsets } from './encode.js';
import type { Graph, Initializer } from './graph.js';

/**
 * A graph that takes its weights from another graph's file instead of writing them a second time: every float32
 * initializer that `owner` has as well (name, dimensions and type the same, so the values too) becomes ONNX external data
 * at the place where the owner's file has it.
 *
 * @param file name of the owner's file, beside this graph's
 */
export function shareWeights(graph: Graph, owner: Graph, file: string): Graph {
  const offsets = valueOffsets(owner);
  const owned = new Map(owner.initializers.map((initializer) => [initializer.name, initializer]));
  const initializers = graph.initializers.map((initializer) => {
    const offset = offsets.get(initializer.name);
    return offset !== undefined && sameTensor(initializer, owned.get(initializer.name)!)
      ? { ...initializer, stored: { file, offset } }
      : initializer;
  });
  return { ...graph, initializers };
}

/** Integers are shapes and axes, which ONNX's checker wants to read without opening another file. */
function sameTensor(a: Initializer, b: Initializer): boolean {
  return a.type === 'float32' && b.type === 'float32' && String(a.dims) === String(b.dims);
}
