const MAGIC = Buffer.from('\x93NUMPY\x01\x00', 'latin1');
/** Data begin at a multiple of this, so that they can be mapped into memory. */
const ALIGNMENT = 64;

/** An array in NumPy's `.npy` format, version 1.0: float32, little-endian, last dimension fastest. */
export function npyBytes(values: Float32Array, shape: readonly number[]): Buffer {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.map((size) => `${size},`).join(' ')}), }`;
  const unpadded = MAGIC.length + 2 + header.length + 1;
  const padding = (ALIGNMENT - (unpadded % ALIGNMENT)) % ALIGNMENT;
  const text = Buffer.from(`${header}${' '.repeat(padding)}\n`, 'latin1');
  const length = Buffer.alloc(2);
  length.writeUInt16LE(text.length);
  return Buffer.concat([MAGIC, length, text, Buffer.from(values.buffer, values.byteOffset, values.byteLength)]);
}
