import { setImmediate as nextTurn } from 'node:timers/promises';
import { floatText } from './float-text.js';

/** One output of the reply: float32, batch first. */
export interface NamedTensor {
  readonly key: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Values written in one go; writing these takes a millisecond or two. */
const SLICE = 2048;

/**
 * The body of a predict reply: `{"predictions": […]}` with one value for each instance, or `{"outputs": …}`. A single
 * output goes without its name (`util/json_tensor.cc`). SSD's maps are 200,000 numbers: other calls get their turn.
 */
export async function predictReply(form: 'row' | 'columnar', tensors: readonly NamedTensor[]): Promise<string> {
  const writer = new Writer();
  writer.text(form === 'row' ? '{"predictions":[' : '{"outputs":');
  if (form === 'columnar') await writer.named(tensors, whole);
  for (let row = 0; form === 'row' && row < (tensors[0]?.shape[0] ?? 0); row++) {
    if (row > 0) writer.text(',');
    await writer.named(tensors, (tensor) => rowOf(tensor, row));
  }
  writer.text(form === 'row' ? ']}' : '}');
  return writer.toString();
}

interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const whole = (tensor: NamedTensor): Values => tensor;

function rowOf({ shape: [, ...shape], data }: NamedTensor, row: number): Values {
  const size = shape.reduce((product, one) => product * one, 1);
  return { shape, data: data.subarray(row * size, (row + 1) * size) };
}

class Writer {
  readonly #parts: string[] = [];
  #untilNextTurn = SLICE;

  text(text: string): void {
    this.#parts.push(text);
  }

  async named(tensors: readonly NamedTensor[], pick: (tensor: NamedTensor) => Values): Promise<void> {
    const [only, ...more] = tensors;
    if (only && more.length === 0) return this.#values(pick(only));
    this.text('{');
    for (const [index, tensor] of tensors.entries()) {
      this.text(`${index > 0 ? ',' : ''}${JSON.stringify(tensor.key)}:`);
      await this.#values(pick(tensor));
    }
    this.text('}');
  }

  async #values({ shape: [size, ...rest], data }: Values): Promise<void> {
    if (size === undefined) return this.text(floatText(data[0]!));
    this.text('[');
    if (rest.length === 0) await this.#row(data);
    const part = size === 0 ? 0 : data.length / size;
    for (let index = 0; rest.length > 0 && index < size; index++) {
      if (index > 0) this.text(',');
      await this.#values({ shape: rest, data: data.subarray(index * part, (index + 1) * part) });
    }
    this.text(']');
  }

  async #row(data: Float32Array): Promise<void> {
    for (let from = 0; from < data.length; from += SLICE) {
      const slice = data.subarray(from, from + SLICE);
      this.text(`${from > 0 ? ',' : ''}${Array.from(slice, floatText).join(',')}`);
      this.#untilNextTurn -= slice.length;
      if (this.#untilNextTurn > 0) continue;
      this.#untilNextTurn = SLICE;
      await nextTurn();
    }
  }

  toString(): string {
    return this.#parts.join('');
  }
}
