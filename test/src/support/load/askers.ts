import { PredictionClient } from '@edgeslot/client';
import { floatValues } from '@edgeslot/tensorflow-serving';
import { OUTPUT, PredictCaller } from '../predict-call.js';
import type { Scores } from './expected-answers.js';

export interface Answer {
  /** `name:version` */
  readonly model: string;
  readonly scores: Scores;
}

/** One client: asks for one picture at a time, and rejects with what a failure is called. */
export interface Asker {
  readonly door: 'grpc' | 'http';
  ask(picture: Uint8Array): Promise<Answer>;
  close(): void;
}

const MOST_VALUES = 1 << 20;

const answer = (model: { readonly name: string; readonly version?: number } | undefined, values: Float32Array) => ({
  model: `${model?.name}:${model?.version}`,
  scores: new Map(values.entries()),
});

/** Calls Predict on a connection of its own, and never tries again. */
export function grpcAsker(address: string): Asker {
  const caller = new PredictCaller(address);
  return {
    door: 'grpc',
    ask: async (picture) => {
      const { modelSpec, outputs } = await caller.images(picture);
      return answer(modelSpec, floatValues(outputs.get(OUTPUT)!, MOST_VALUES));
    },
    close: () => caller.close(),
  };
}

/** Calls Predict as Microsoft's client does: up to five tries, 1, 2, 4 and 8 seconds apart. */
export function retryingAsker(address: string): Asker {
  const client = new PredictionClient({ address });
  return {
    door: 'grpc',
    ask: async (picture) => {
      const { model, outputs } = await client.scoreImage(picture);
      return answer(model, outputs.get(OUTPUT)!.data);
    },
    close: () => client.close(),
  };
}

interface Inference {
  readonly classification: {
    readonly tag: { readonly confidence: number };
    readonly attributes: readonly { readonly name: string; readonly value: string }[];
  };
  readonly extensions: { readonly model: string };
}

/** Posts frames as one camera, each after the answer to the last; a refusal is a failure, whatever it is called. */
export function cameraAsker(address: string, camera: string): Asker {
  const url = `http://${address}/score?camera=${camera}`;
  return {
    door: 'http',
    ask: async (picture) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'image/jpeg' },
        body: new Uint8Array(picture),
      });
      const text = await response.text();
      if (response.status !== 200) throw new Error(`${response.status} ${text}`);
      const { inferences } = JSON.parse(text) as { inferences: Inference[] };
      const scores = inferences.map(({ classification: { tag, attributes } }): [number, number] => [
        Number(attributes.find(({ name }) => name === 'classId')?.value),
        tag.confidence,
      ]);
      return { model: inferences[0]!.extensions.model, scores: new Map(scores) };
    },
    close: () => {},
  };
}
