import { createLog } from '@edgeslot/edge-module/log';
import { LiveSettings, loadConfig } from './config/index.js';
import type { DoorContext } from './door-context.js';
import { scoringError } from './errors.js';
import type { ModelReference } from './model/model-id.js';
import type { Package } from './model/package.js';
import { Metrics } from './observe/metrics.js';
import { isFor, servableNotFound } from './scoring/check-request.js';
import type { ScoreReply, ScoreRequest } from './scoring/scorer.js';
import { Readiness } from './slot/readiness.js';
import type { SlotState, SwapOutcome } from './slot/slot-state.js';

/** The signature of the ResNet-50 packages. */
export const OUTPUT = 'classifier/resnet_v1_50/predictions/Softmax:0';
export const OUTPUT_ALSO = 'classifier_1/resnet_v1_50/predictions/Softmax:0';

const graph = { file: 'x.onnx', input: { name: 'x', shape: [-1, 224, 224, 3] }, outputs: [] };

export const model: Package = {
  id: { name: 'belt-object', version: 3 },
  directory: '/models/belt-object/3',
  labels: ['empty belt', 'bottle standing', 'carton'],
  manifest: {
    schemaVersion: 1,
    name: 'belt-object',
    version: 3,
    tags: {},
    created: '2026-01-01T00:00:00Z',
    network: 'resnet50',
    numerics: 'float32',
    signature: {
      inputs: { images: { tensor: 'Placeholder:0', dtype: 'string', shape: [-1] } },
      outputs: { output_alias: { tensor: OUTPUT, dtype: 'float', shape: [-1, 3], also: [OUTPUT_ALSO] } },
    },
    preprocessing: {
      resize: { mode: 'aspect-crop', shortSide: 256, height: 224, width: 224 },
      interpolation: 'bilinear-legacy',
      channels: 'BGR',
      mean: [123.68, 116.779, 103.939],
      scale: 1,
      layout: 'NHWC',
    },
    postprocessing: { type: 'softmax', labels: 'labels.txt' },
    featurizer: graph,
    classifier: graph,
    files: {},
  },
};

export const probabilities = Float32Array.of(0.125, 0.75, 0.125);

/** The same probabilities for each picture or row of the batch. */
export function scored({ input }: ScoreRequest): ScoreReply {
  const batch = input.kind === 'images' ? input.images.length : input.shape[0]!;
  const data = new Float32Array(batch * 3);
  for (let at = 0; at < batch; at++) data.set(probabilities, at * 3);
  return {
    model,
    outputs: [{ name: OUTPUT, shape: [batch, 3], data }],
    timings: { queue: 1, decode: 2, sample: 3, featurize: 4, classify: 5, total: 15 },
  };
}

export interface FakeHouse {
  readonly context: DoorContext;
  readonly settings: LiveSettings;
  /** What was asked of the scorer, in order. */
  readonly requests: ScoreRequest[];
  /** What the scorer does; replaced by a test at will. */
  score: (request: ScoreRequest) => ScoreReply | Promise<ScoreReply>;
  model: Package | undefined;
  state: SlotState;
  pending: ModelReference | undefined;
  history: readonly SwapOutcome[];
  /** How a wish for a model ends; replaced by a test at will. */
  aspire: (reference: ModelReference, requestedBy: string) => Promise<SwapOutcome>;
  /** Goes to a state, and tells whoever listens. */
  show(state: SlotState): void;
  readonly logged: string[];
}

/** A house with a scorer that answers at once, for the doors' tests. */
export function fakeHouse(maxMessageBytes = 1024 * 1024): FakeHouse {
  const settings = new LiveSettings(loadConfig({ env: {}, argv: [] }));
  const logged: string[] = [];
  const readiness = new Readiness(() => settings.swap.notReadyAfterMs);
  const listeners = new Set<(state: SlotState) => void>();
  const house: FakeHouse = {
    settings,
    requests: [],
    score: scored,
    model,
    state: { state: 'AVAILABLE', model: model.id, since: '2026-01-01T00:00:00Z' },
    pending: undefined,
    history: [],
    aspire: () => Promise.reject(new Error('no wish was expected')),
    show: (state) => {
      house.state = state;
      for (const listener of listeners) listener(state);
    },
    logged,
    context: {
      scorer: {
        score: async (request) => {
          house.requests.push(request);
          return await house.score(request);
        },
        serving: (asked) => {
          if (house.model && isFor(asked, house.model)) return house.model;
          throw asked ? servableNotFound(asked) : scoringError('SLOT_NOT_AVAILABLE', house.state.state, 'no model');
        },
      },
      model: () => house.model,
      state: () => house.state,
      control: {
        aspire: (reference, by) => house.aspire(reference, by),
        get pending() {
          return house.pending;
        },
        get history() {
          return house.history;
        },
      },
      readiness,
      modelBasePath: '/models',
      deviceKind: () => 'emulator',
      settings,
      metrics: new Metrics(),
      log: createLog({ write: (line) => logged.push(line) }),
      maxMessageBytes,
    },
  };
  readiness.follow({
    state: house.state,
    onState: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  return house;
}
