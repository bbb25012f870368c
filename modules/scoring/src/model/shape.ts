/** `[-1,224,224,3]` */
export function formatShape(shape: readonly (number | string)[]): string {
  return `[${shape.join(',')}]`;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, index) => size === b[index]);
}

/** How many values one picture has in a tensor whose first axis is the batch. */
export function valuesOfOne(shape: readonly number[]): number {
  return shape.slice(1).reduce((product, size) => product * size, 1);
}
