import { mostClasses } from './best-candidates.js';
import type { SsdMap } from './detector.js';
import { anchorsOf, anchorsPerCell, type MapLayout, SSD_VGG_300, type SsdLayout } from './layout.js';

/** An output of a network: float32, batch first. */
export interface MapTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface ArrangedMaps {
  /** In the layout's order. */
  readonly maps: readonly SsdMap[];
  /** How many, with the background. */
  readonly classes: number;
}

/** `undefined`: these are not the outputs of such a network. */
export type Arrangement<T extends { readonly shape: readonly number[] }> =
  | { readonly classes: number; readonly pairs: readonly { readonly scores: T; readonly locations: T }[] }
  | undefined;

/**
 * Which outputs of a network are the scores and the locations of each map, told by their shapes
 * [N,size,size,anchors,classes] and [N,size,size,anchors,4]. Where a network has four classes the scores come first.
 */
export function pairMaps<T extends { readonly shape: readonly number[] }>(
  outputs: Iterable<T>,
  layout: SsdLayout = SSD_VGG_300,
): Arrangement<T> {
  const all = [...outputs];
  if (all.length !== 2 * layout.maps.length) return undefined;
  const pairs: { scores: T; locations: T }[] = [];
  for (const map of layout.maps) {
    const [first, second, ...more] = all.filter(({ shape }) => isOf(map, shape));
    if (!first || !second || more.length > 0) return undefined;
    const pair = first.shape[4] === 4 && second.shape[4] !== 4 ? [second, first] : [first, second];
    pairs.push({ scores: pair[0]!, locations: pair[1]! });
  }
  const classes = pairs[0]!.scores.shape[4]!;
  const fits = pairs.every(({ scores, locations }) => scores.shape[4] === classes && locations.shape[4] === 4);
  const anchors = layout.maps.reduce((sum, map) => sum + anchorsOf(map), 0);
  return fits && classes >= 2 && classes <= mostClasses(anchors) ? { classes, pairs } : undefined;
}

/**
 * The maps of one picture of a batch.
 * @param row which picture
 * @returns `undefined` when the outputs are not such a network's, or the row is not in them
 */
export function arrangeMaps(
  outputs: Iterable<MapTensor>,
  row = 0,
  layout: SsdLayout = SSD_VGG_300,
): ArrangedMaps | undefined {
  const arrangement = pairMaps(outputs, layout);
  if (!arrangement) return undefined;
  const maps = arrangement.pairs.map(({ scores, locations }) => ({
    classes: rowOf(scores, row),
    locations: rowOf(locations, row),
  }));
  const there = maps.every((map): map is SsdMap => map.classes !== undefined && map.locations !== undefined);
  return there ? { maps, classes: arrangement.classes } : undefined;
}

function isOf(map: MapLayout, shape: readonly number[]): boolean {
  return shape.length === 5 && shape[1] === map.size && shape[2] === map.size && shape[3] === anchorsPerCell(map);
}

function rowOf({ shape, data }: MapTensor, row: number): Float32Array | undefined {
  const values = shape.slice(1).reduce((product, size) => product * size, 1);
  const end = (row + 1) * values;
  return end <= data.length ? data.subarray(row * values, end) : undefined;
}
