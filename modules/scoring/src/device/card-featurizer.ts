import type { Card } from '@edgeslot/native';
import { cardError } from './card-error.js';
import type { CardLaneStart } from './card-lane-start.js';
import type { Features, Featurizer } from './featurizer.js';
import { Graph } from './graph.js';
import { Pool } from './turns.js';

/** A featurizer on a card: this thread fills its memory, waits, and runs the tail on the CPU. */
export async function cardFeaturizer(start: CardLaneStart, attach: (token: number) => Card): Promise<Featurizer> {
  const { directory, manifest, threads } = start;
  const { token, path, output, tail: spec, runTimeoutMs } = start.card;
  const card = attach(token);
  // Its weights lie in the featurizer's file: it is opened by its path, and not optimised beyond what that allows.
  const tail = spec && (await Graph.open(directory, spec, threads, 'extended'));
  const values = output.rows * output.columns * output.channels;
  const shape = [1, output.rows, output.columns, output.channels];
  const maps = new Pool(Array.from({ length: card.capacity }, () => new Float32Array(values)));

  const onCard = async (picture: Float32Array, features: Float32Array) => {
    try {
      await card.run(picture, features, { timeoutMs: runTimeoutMs });
      return features;
    } catch (error) {
      throw cardError(path, error);
    }
  };
  const withoutTail = async (picture: Float32Array): Promise<Features> => ({
    [output.name]: { data: await onCard(picture, new Float32Array(values)) },
  });
  const withTail = (picture: Float32Array, graph: Graph): Promise<Features> =>
    maps.use(async (map) => graph.run(shape, await onCard(picture, map)));

  return {
    outputs: manifest.featurizer.outputs,
    depth: card.capacity,
    run: (picture) => (tail ? withTail(picture, tail) : withoutTail(picture)),
    close: async () => {
      await card.close();
      await tail?.close();
    },
  };
}
