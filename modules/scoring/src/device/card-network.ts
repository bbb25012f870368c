import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { CardNeeds, CardNetwork } from '@edgeslot/native';
import { scoringError } from '../errors.js';
import { type DeviceTime, timeOf } from '../model/graph/device-time.js';
import { layersOf, readConstants } from '../model/graph/layers.js';
import { readOnnxModel } from '../model/graph/onnx-model.js';
import type { GraphSpec, GraphTensor } from '../model/manifest.js';
import { formatModelId } from '../model/model-id.js';
import type { Package } from '../model/package.js';
import { formatShape } from '../model/shape.js';

/** A package as a card takes it. */
export interface CardPlan {
  readonly network: CardNetwork;
  /** Graph from the card's output to the featurizer's, for the CPU; none when they are the same. */
  readonly tail?: GraphSpec;
  /** What the network would take on hardware; absent where its layers cannot be followed. */
  readonly time?: DeviceTime;
}

/** What every firmware of the listings asks for, whatever its network. */
const PROCESSOR = { nativeDimension: 128, multifunctionUnits: 2, matrixRegisters: 128 } as const;

/**
 * Vectors by the number of matrix tiles that a network takes, from the published firmware listings (microsoft/onnxruntime,
 * the BrainSlice execution provider and its tests): ResNet-50, ResNet-152, DenseNet-121, VGG-16.
 */
const VECTORS: Readonly<Record<number, Pick<CardNeeds, 'initialVectors' | 'addsubVectors' | 'dramVectors'>>> = {
  1461: { initialVectors: 9075, addsubVectors: 12_100, dramVectors: 422 },
  3569: { initialVectors: 9075, addsubVectors: 12_100, dramVectors: 1190 },
  958: { initialVectors: 12_100, addsubVectors: 3135, dramVectors: 705 },
  916: { initialVectors: 9204, addsubVectors: 3808, dramVectors: 260 },
};
/** Of another network they are not published. */
const UNKNOWN_VECTORS = { initialVectors: 0, addsubVectors: 0, dramVectors: 0 } as const;

/**
 * How a card runs a package: by the tensors of its device section, or by the featurizer's own when it has none.
 *
 * @throws ScoringError DEVICE_UNSUITABLE when no card can: several outputs, channels first, weights in other files
 */
export async function planForCard(model: Package): Promise<CardPlan> {
  const { manifest, directory } = model;
  const { featurizer, preprocessing, device, files } = manifest;
  const refuse = (detail: string): never => {
    throw scoringError('DEVICE_UNSUITABLE', formatModelId(model.id), detail);
  };
  const given = device ? device.output : onlyOutput(featurizer, refuse);
  if (preprocessing.layout !== 'NHWC') refuse(`its picture is ${formatShape(featurizer.input.shape)}, channels first`);
  const [, rows, columns, channels] = (device?.input ?? featurizer.input).shape as [number, number, number, number];
  const border = (rows - preprocessing.resize.height) / 2;
  const output = placesAndChannels(given, refuse);
  const cost = await readCost(model, refuse);
  const { sha256, bytes } = files[featurizer.file]!;
  const network: CardNetwork = {
    path: join(directory, featurizer.file),
    bytes,
    sha256,
    needs: { ...PROCESSOR, ...(VECTORS[cost?.tiles ?? 0] ?? UNKNOWN_VECTORS), matrixTiles: cost?.tiles ?? 0 },
    cycles: cost?.cycles ?? 0,
    input: { name: featurizer.input.name, rows, columns, channels, border },
    output: { name: given.name, ...output },
  };
  const tail = device?.tail && { file: device.tail, input: device.output, outputs: featurizer.outputs };
  return { network, ...(tail && { tail }), ...(cost && { time: cost }) };
}

function onlyOutput({ outputs }: GraphSpec, refuse: (detail: string) => never): GraphTensor {
  const [output, ...others] = outputs;
  return output && others.length === 0
    ? output
    : refuse(`its featurizer gives ${outputs.length} tensors, a card gives one`);
}

function placesAndChannels({ name, shape }: GraphTensor, refuse: (detail: string) => never) {
  const [, rows, columns, channels, ...more] = shape;
  if (rows === undefined || columns === undefined || channels === undefined || more.length > 0) {
    return refuse(`${name} is ${formatShape(shape)}; a card gives rows, columns and channels`);
  }
  return { rows, columns, channels };
}

async function readCost({ directory, manifest }: Package, refuse: (detail: string) => never) {
  const file = await open(join(directory, manifest.featurizer.file));
  try {
    const graph = await readOnnxModel(file);
    const outside = [...graph.weights.values()].find(({ external }) => external)?.external;
    if (outside) refuse(`its weights lie in ${outside.location}; a card takes one file`);
    return timeOf(layersOf(graph, await readConstants(file, graph), manifest.featurizer.input.shape), manifest);
  } catch (error) {
    // Operators that nobody has counted for a card; it runs them all the same or says that it cannot.
    if (error instanceof RangeError) return undefined;
    throw error;
  } finally {
    await file.close();
  }
}
