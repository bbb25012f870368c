/**
 * Inverse of a symmetric positive definite matrix by Cholesky's decomposition. Row-major, `size` × `size`.
 * Throws RangeError when the matrix is not positive definite.
 */
export function invertPositiveDefinite(matrix: Float64Array, size: number): Float64Array {
  const lower = cholesky(matrix, size);
  const inverse = new Float64Array(size * size);
  const column = new Float64Array(size);
  for (let unit = 0; unit < size; unit++) {
    column.fill(0);
    column[unit] = 1;
    // L z = e, from the unit's row on (above it z is 0); then Lᵀ x = z.
    for (let row = unit; row < size; row++) {
      let sum = column[row]!;
      for (let k = unit; k < row; k++) sum -= lower[row * size + k]! * column[k]!;
      column[row] = sum / lower[row * size + row]!;
    }
    for (let row = size - 1; row >= 0; row--) {
      let sum = column[row]!;
      for (let k = row + 1; k < size; k++) sum -= lower[k * size + row]! * column[k]!;
      column[row] = sum / lower[row * size + row]!;
      inverse[row * size + unit] = column[row]!;
    }
  }
  return inverse;
}

/** Lower triangle L with L Lᵀ = matrix. */
function cholesky(matrix: Float64Array, size: number): Float64Array {
  const lower = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * size + column]!;
      for (let k = 0; k < column; k++) sum -= lower[row * size + k]! * lower[column * size + k]!;
      if (row === column) {
        if (!(sum > 0)) throw new RangeError(`matrix: expected a positive definite one, pivot ${row} is ${sum}`);
        lower[row * size + row] = Math.sqrt(sum);
      } else {
        lower[row * size + column] = sum / lower[column * size + column]!;
      }
    }
  }
  return lower;
}
