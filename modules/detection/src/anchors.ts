import { anchorsOf, anchorsPerCell, type MapLayout, type SsdLayout } from './layout.js';

/** The boxes that a network's locations are told from, in the order of its numbers; 1 is the side of its input. */
export interface Anchors {
  readonly count: number;
  readonly centreX: Float32Array;
  readonly centreY: Float32Array;
  readonly width: Float32Array;
  readonly height: Float32Array;
}

/** In a map's order: row, column, anchor of the cell. The last centres of some maps lie outside of the picture. */
export function makeAnchors({ side, maps }: SsdLayout): Anchors {
  const count = maps.reduce((sum, map) => sum + anchorsOf(map), 0);
  const anchors: Anchors = {
    count,
    centreX: new Float32Array(count),
    centreY: new Float32Array(count),
    width: new Float32Array(count),
    height: new Float32Array(count),
  };
  let at = 0;
  for (const map of maps) {
    const shapes = shapesOf(map, side);
    const perCell = anchorsPerCell(map);
    for (let cell = 0; cell < map.size * map.size; cell++) {
      const [row, column] = [Math.floor(cell / map.size), cell % map.size];
      anchors.width.set(shapes.width, at);
      anchors.height.set(shapes.height, at);
      anchors.centreX.fill(((column + 0.5) * map.step) / side, at, at + perCell);
      anchors.centreY.fill(((row + 0.5) * map.step) / side, at, at + perCell);
      at += perCell;
    }
  }
  return anchors;
}

function shapesOf({ sides: [first, second], ratios }: MapLayout, side: number) {
  const roots = [1, 1, ...ratios.map(Math.sqrt)];
  const lengths = roots.map((_, index) => (index === 1 ? Math.sqrt(first * second) : first) / side);
  return {
    width: lengths.map((length, index) => length * roots[index]!),
    height: lengths.map((length, index) => length / roots[index]!),
  };
}
