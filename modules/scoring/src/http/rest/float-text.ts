/** The shortest decimal that is this float32 and no other; `NaN`, `Infinity` as TensorFlow Serving writes them. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Object.is(value, -0)) return '-0.0';
  // Nine digits tell any two float32 apart (IEEE 754); most need fewer.
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return numberText(rounded);
  }
  return numberText(Number(value.toPrecision(9)));
}

/** Whole numbers keep a point, so that a reader of JSON takes them for floats. */
function numberText(value: number): string {
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
