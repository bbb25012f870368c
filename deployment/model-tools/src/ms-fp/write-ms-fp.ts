import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import {
  type FileField,
  fieldHeader,
  fieldsOfFile,
  lengthDelimited,
  type OnnxModel,
  type Range,
  readOnnxModel,
  readRange,
  readWeightInfo,
  varint,
} from '@edgeslot/scoring/graph';
import type { FileDigest } from '@edgeslot/scoring/model';
import { DOMAIN } from './activation-function.js';
import type { MsFpFormat } from './format.js';
import { operatorSet } from './node-bytes.js';
import { findProducts, type Product } from './products.js';
import { type BlockLayout, quantizeBlocks } from './quantize-blocks.js';
import { type RewriteOptions, rewriteNodes } from './rewrite-graph.js';

export interface WriteMsFpOptions extends RewriteOptions {
  readonly signal?: AbortSignal;
  /** Bytes written, of all there will be. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface WrittenMsFp {
  readonly digest: FileDigest;
  /** Convolutions and matrix products. */
  readonly products: number;
  readonly weights: number;
}

/** What the new file is made of, in order: bytes, stretches of the old file, and weights in it that are rounded. */
type Piece = Uint8Array | Range | RoundedRange;

interface RoundedRange extends Range {
  readonly layout: BlockLayout;
  readonly name: string;
}

const AT_ONCE = 4 << 20;
/** The first version of ONNX's own format whose models may define functions. */
const FUNCTIONS_IR_VERSION = 8;

/**
 * Writes a float32 graph anew with the card's numbers. Weights go from file to file a few MB at a time; the file is on
 * disk (fsync) when this returns.
 *
 * Throws RangeError for a graph that cannot be written so, naming the node or the weights.
 */
export async function writeMsFp(source: string, target: string, options: WriteMsFpOptions): Promise<WrittenMsFp> {
  const file = await open(source);
  try {
    const model = await readOnnxModel(file);
    const products = await findProducts(file, model);
    const pieces = await layOut(file, model, products, options);
    const digest = await writePieces(file, pieces, target, options);
    const weights = new Map(products.map(({ weight }) => [weight, model.weights.get(weight)!]));
    let count = 0;
    for (const range of weights.values()) {
      const { dims } = await readWeightInfo(file, range);
      count += dims.reduce((product, size) => product * size, 1);
    }
    return { digest, products: products.length, weights: count };
  } finally {
    await file.close();
  }
}

async function layOut(
  file: FileHandle,
  model: OnnxModel,
  products: readonly Product[],
  options: RewriteOptions,
): Promise<Piece[]> {
  const layouts = layoutsOf(products);
  const { nodes, functions } = rewriteNodes(model, products, options);
  const graph: Piece[] = nodes.map((node) => lengthDelimited(1, node));
  const before: Piece[] = [];
  const { size } = await file.stat();
  for await (const field of fieldsOfFile(file, { start: 0, end: size })) {
    if (field.number === 1) before.push(varint(1, Math.max(model.irVersion, FUNCTIONS_IR_VERSION)));
    else if (field.number !== 7) before.push(stretch(field));
    else {
      for await (const part of fieldsOfFile(file, { start: field.content, end: field.end })) {
        if (part.number === 1) continue;
        if (part.number === 5) graph.push(...(await weightPieces(file, part, model, layouts)));
        else graph.push(stretch(part));
      }
    }
  }
  if (functions.length > 0) {
    before.push(lengthDelimited(8, operatorSet(DOMAIN, 1)), ...functions.map((one) => lengthDelimited(25, one)));
  }
  const length = graph.reduce((sum, piece) => sum + lengthOf(piece), 0);
  return [...before, fieldHeader(7, length), ...graph];
}

/** Weights that several products read must lie the same way in all of them. */
function layoutsOf(products: readonly Product[]): ReadonlyMap<string, BlockLayout> {
  const layouts = new Map<string, BlockLayout>();
  for (const { weight, layout } of products) {
    const before = layouts.get(weight);
    if (before && (before.axis !== layout.axis || before.inner !== layout.inner)) {
      throw new RangeError(`weights ${weight}: two products read them along different axes`);
    }
    layouts.set(weight, layout);
  }
  return layouts;
}

async function weightPieces(
  file: FileHandle,
  field: FileField,
  model: OnnxModel,
  layouts: ReadonlyMap<string, BlockLayout>,
): Promise<Piece[]> {
  const [name, range] = [...model.weights].find(([, one]) => one.start === field.content) ?? [];
  const layout = name === undefined ? undefined : layouts.get(name);
  if (!layout || !range) return [stretch(field)];
  const { values } = await readWeightInfo(file, range);
  return [
    { start: field.start, end: values!.start },
    { ...values!, layout, name: name! },
    { start: values!.end, end: field.end },
  ];
}

function stretch({ start, end }: Range): Range {
  return { start, end };
}

function lengthOf(piece: Piece): number {
  return piece instanceof Uint8Array ? piece.length : piece.end - piece.start;
}

async function writePieces(
  source: FileHandle,
  pieces: readonly Piece[],
  file: string,
  { format, signal, onProgress }: WriteMsFpOptions,
): Promise<FileDigest> {
  const total = pieces.reduce((sum, piece) => sum + lengthOf(piece), 0);
  const hash = createHash('sha256');
  let bytes = 0;
  const target = await open(file, 'wx');
  const write = async (part: Uint8Array) => {
    signal?.throwIfAborted();
    hash.update(part);
    for (let at = 0; at < part.length; ) at += (await target.write(part, at, part.length - at)).bytesWritten;
    bytes += part.length;
    onProgress?.(bytes, total);
  };
  try {
    for (const piece of pieces) {
      if (piece instanceof Uint8Array) await write(piece);
      else if ('layout' in piece) for await (const part of roundedParts(source, piece, format)) await write(part);
      else for (const range of cut(piece, AT_ONCE)) await write(await readRange(source, range));
    }
    await target.sync();
  } finally {
    await target.close();
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** Whole slabs of weights, as many as fit; of one that is too large, its blocks, each with a layout of its own. */
async function* roundedParts(source: FileHandle, piece: RoundedRange, format: MsFpFormat): AsyncGenerator<Uint8Array> {
  const { axis, inner } = piece.layout;
  const slab = 4 * axis * inner;
  const whole = slab <= AT_ONCE;
  const slabs = whole ? [piece] : cut(piece, slab);
  for (const part of slabs) {
    const unit = whole ? slab * Math.floor(AT_ONCE / slab) : 4 * format.block * inner;
    for (const range of cut(part, unit)) {
      const raw = await readRange(source, range);
      const values = new Float32Array(raw.buffer, raw.byteOffset, raw.length / 4);
      const layout = whole ? piece.layout : { axis: values.length / inner, inner };
      const rounded = round(piece.name, values, layout, format);
      yield new Uint8Array(rounded.buffer);
    }
  }
}

function round(name: string, values: Float32Array, layout: BlockLayout, format: MsFpFormat): Float32Array {
  try {
    return quantizeBlocks(values, layout, format);
  } catch (error) {
    throw new RangeError(`weights ${name}: ${(error as Error).message}`);
  }
}

function* cut({ start, end }: Range, bytes: number): Generator<Range> {
  for (let at = start; at < end; at += bytes) yield { start: at, end: Math.min(end, at + bytes) };
}
