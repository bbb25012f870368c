/** Rows of equal length, one after the other. */
export interface Matrix {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

export interface Standardized {
  /** (x - mean) / deviation, row by row. */
  readonly values: Float64Array;
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/** A feature that hardly varies would be blown up to noise: its deviation is taken as this share of the median one. */
const LEAST_DEVIATION = 0.05;

export function standardize({ values, rows, columns }: Matrix): Standardized {
  const mean = new Float64Array(columns);
  const deviation = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) mean[column]! += values[row * columns + column]! / rows;
  }
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      deviation[column]! += (values[row * columns + column]! - mean[column]!) ** 2 / rows;
    }
  }
  for (let column = 0; column < columns; column++) deviation[column] = Math.sqrt(deviation[column]!);
  const least = (Float64Array.from(deviation).sort()[columns >> 1]! || 1) * LEAST_DEVIATION;
  for (let column = 0; column < columns; column++) deviation[column] = Math.max(deviation[column]!, least);
  const scaled = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const index = row * columns + column;
      scaled[index] = (values[index]! - mean[column]!) / deviation[column]!;
    }
  }
  return { values: scaled, mean, deviation };
}
