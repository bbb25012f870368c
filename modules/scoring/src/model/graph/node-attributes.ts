import { fieldsOf, LENGTH_DELIMITED, textOf } from './wire.js';

/** The attributes of a node that are whole numbers, lists of them, or texts. */
export interface Attributes {
  integer(name: string, otherwise: number): number;
  integers(name: string): readonly number[] | undefined;
  text(name: string): string | undefined;
}

/** NodeProto 5 -> AttributeProto: name (1), i (3), s (4), ints (8). */
export function readAttributes(node: Uint8Array): Attributes {
  const numbers = new Map<string, number>();
  const lists = new Map<string, number[]>();
  const texts = new Map<string, string>();
  for (const { number, bytes } of fieldsOf(node)) {
    if (number !== 5) continue;
    let name = '';
    const list: number[] = [];
    let [value, text]: [number | undefined, string | undefined] = [undefined, undefined];
    for (const field of fieldsOf(bytes)) {
      if (field.number === 1) name = textOf(field.bytes);
      else if (field.number === 3) value = field.value;
      else if (field.number === 4) text = textOf(field.bytes);
      else if (field.number === 8 && field.wireType === LENGTH_DELIMITED) list.push(...packedIntegers(field.bytes));
      else if (field.number === 8) list.push(field.value);
    }
    if (value !== undefined) numbers.set(name, value);
    if (text !== undefined) texts.set(name, text);
    if (list.length > 0) lists.set(name, list);
  }
  return {
    integer: (name, otherwise) => numbers.get(name) ?? otherwise,
    integers: (name) => lists.get(name),
    text: (name) => texts.get(name),
  };
}

/** Varints one after the other; 64 bits, signed. */
export function packedIntegers(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  let [value, shift] = [0n, 0n];
  for (const byte of bytes) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte >= 0x80) continue;
    numbers.push(Number(BigInt.asIntN(64, value)));
    [value, shift] = [0n, 0n];
  }
  return numbers;
}
