/** One map of an SSD network: `size` × `size` cells, `2 + ratios.length` anchors in each. */
export interface MapLayout {
  readonly size: number;
  /** Pixels of the network's input from one cell's centre to the next. */
  readonly step: number;
  /** Sides of the square anchors in pixels: one of the first, one of the geometric mean of both. */
  readonly sides: readonly [number, number];
  /** Width to height of the other anchors, whose area is that of the first square. */
  readonly ratios: readonly number[];
}

/** Where the anchors of an SSD network lie, and how its numbers move them. */
export interface SsdLayout {
  /** Side of the network's square input, in pixels. */
  readonly side: number;
  /** What the four numbers of a location are multiplied by: centre and size, each x and y alike. */
  readonly centreScale: number;
  readonly sizeScale: number;
  readonly maps: readonly MapLayout[];
}

/**
 * SSD (Liu et al. 2015, arXiv:1512.02325) on VGG-16 at 300 × 300, as the accelerated model has it: 8,432 anchors, the
 * first map of 37 cells a side and not the paper's 38, and anchors from 21 pixels on and not 30.
 */
export const SSD_VGG_300: SsdLayout = {
  side: 300,
  centreScale: 0.1,
  sizeScale: 0.2,
  maps: [
    { size: 37, step: 8, sides: [21, 45], ratios: [2, 1 / 2] },
    { size: 19, step: 16, sides: [45, 99], ratios: [2, 1 / 2, 3, 1 / 3] },
    { size: 10, step: 32, sides: [99, 153], ratios: [2, 1 / 2, 3, 1 / 3] },
    { size: 5, step: 64, sides: [153, 207], ratios: [2, 1 / 2, 3, 1 / 3] },
    { size: 3, step: 100, sides: [207, 261], ratios: [2, 1 / 2] },
    { size: 1, step: 300, sides: [261, 315], ratios: [2, 1 / 2] },
  ],
};

export function anchorsPerCell({ ratios }: MapLayout): number {
  return 2 + ratios.length;
}

/** Of one map. */
export function anchorsOf(map: MapLayout): number {
  return map.size * map.size * anchorsPerCell(map);
}
