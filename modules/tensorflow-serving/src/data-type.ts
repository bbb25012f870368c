/** Element types by TensorFlow's public numbers (`tensorflow/core/framework/types.proto`). */
export const DataType = {
  DT_INVALID: 0,
  DT_FLOAT: 1,
  DT_DOUBLE: 2,
  DT_INT32: 3,
  DT_UINT8: 4,
  DT_INT16: 5,
  DT_INT8: 6,
  DT_STRING: 7,
  DT_COMPLEX64: 8,
  DT_INT64: 9,
  DT_BOOL: 10,
  DT_QINT8: 11,
  DT_QUINT8: 12,
  DT_QINT32: 13,
  DT_BFLOAT16: 14,
  DT_QINT16: 15,
  DT_QUINT16: 16,
  DT_UINT16: 17,
  DT_COMPLEX128: 18,
  DT_HALF: 19,
  DT_RESOURCE: 20,
  DT_VARIANT: 21,
  DT_UINT32: 22,
  DT_UINT64: 23,
  DT_FLOAT8_E5M2: 24,
  DT_FLOAT8_E4M3FN: 25,
  DT_INT4: 29,
  DT_UINT4: 30,
} as const;

const names = new Map<number, string>(Object.entries(DataType).map(([name, number]) => [number, name]));

/** The name as TensorFlow's messages write it, e.g. `float` for DT_FLOAT; `unknown dtype 77` for a number without one. */
export function dataTypeName(dtype: number): string {
  const name = names.get(dtype);
  return name === undefined ? `unknown dtype ${dtype}` : name.slice('DT_'.length).toLowerCase();
}
