import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelManifest } from '../manifest.js';
import { type Layer, layersOf, readConstants } from './layers.js';
import { readOnnxModel } from './onnx-model.js';

/** What a frame would take on an accelerator card: a model's figure, never one that this machine measured. */
export interface DeviceTime {
  /** Milliseconds of the featurizer on the card, one picture. */
  readonly ms: number;
  /** `reported`: the figure of the paper itself; `modelled`: from the layers, scaled to that figure. */
  readonly basis: 'reported' | 'modelled';
  /** How far off it may be, our estimate; none is known of the reported figure. Detectors: no listing is known of them. */
  readonly uncertaintyPercent: number | null;
  /** Native matrix tiles of 128 × 128 weights; the published listings of the firmware give them too. */
  readonly tiles: number;
  /** Tiles times positions: a tile and a vector are a cycle. */
  readonly cycles: number;
}

const TILE = 128;
/** A convolution of the picture itself has its taps side by side in one vector, and takes two tiles at least. */
const PICTURE_CHANNELS = 4;
const LEAST_PICTURE_TILES = 2;

/**
 * The anchor: Fowers et al., "A Configurable Cloud-Scale DNN Processor for Real-Time AI", ISCA 2018, report 1.8 ms at
 * batch 1 for ResNet-50's featurizer on BW_CNN_A10, an Arria 10 at 300 MHz with 16,384 multipliers. Its 341,040 cycles,
 * with the strides where He et al. put them, would take 1.14 ms: what a card loses beside its products is taken to be
 * the same factor for every network.
 */
const CLOCK_HZ = 300e6;
const REPORTED = { network: 'resnet50', tiles: 1461, ms: 1.8 } as const;
const OVERHEAD = 1.58;
const UNCERTAINTY = { classifier: 40, detector: 60 } as const;

/**
 * Models the time of one picture on the card from the shapes of a package's featurizer.
 *
 * Throws RangeError when they cannot be followed, naming the node.
 */
export async function modelDeviceTime(directory: string, manifest: ModelManifest): Promise<DeviceTime> {
  const file = await open(join(directory, manifest.featurizer.file));
  try {
    const model = await readOnnxModel(file);
    const layers = layersOf(model, await readConstants(file, model), manifest.featurizer.input.shape);
    return timeOf(layers, manifest);
  } finally {
    await file.close();
  }
}

export function timeOf(
  layers: readonly Layer[],
  { network, postprocessing }: Pick<ModelManifest, 'network' | 'postprocessing'>,
): DeviceTime {
  let [tiles, cycles] = [0, 0];
  for (const layer of layers) {
    const own = tilesOf(layer);
    tiles += own;
    cycles += own * layer.positions;
  }
  if (network === REPORTED.network && tiles === REPORTED.tiles) {
    return { ms: REPORTED.ms, basis: 'reported', uncertaintyPercent: null, tiles, cycles };
  }
  const ms = ((1000 * cycles) / CLOCK_HZ) * OVERHEAD;
  const uncertaintyPercent = postprocessing.type === 'ssd' ? UNCERTAINTY.detector : UNCERTAINTY.classifier;
  return { ms, basis: 'modelled', uncertaintyPercent, tiles, cycles };
}

/** Dense layers at the end are left to the CPU, as VGG's are: the card's output is the last map before them. */
function tilesOf(layer: Layer): number {
  if (layer.kind === 'pass') return 1;
  const { groups, from, to, taps, dense } = layer;
  if (dense) return 0;
  const columns = Math.ceil(to / TILE);
  if (from < PICTURE_CHANNELS && groups === 1) {
    return columns * Math.max(LEAST_PICTURE_TILES, Math.ceil((from * taps) / TILE));
  }
  return groups * taps * Math.ceil(from / TILE) * columns;
}
