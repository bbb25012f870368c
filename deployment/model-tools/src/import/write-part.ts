import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import {
  fieldHeader,
  lengthDelimited,
  type OnnxModel,
  type OnnxNode,
  type Range,
  text,
  varint,
  type Weight,
} from '@edgeslot/scoring/graph';
import type { FileDigest } from '@edgeslot/scoring/model';
import type { ModelFiles } from './model-files.js';

/** A float32 tensor at the edge of a graph; a string names a size that is open; no shape states none. */
export interface Edge {
  readonly name: string;
  readonly shape?: readonly (number | string)[];
}

export interface Part {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly input: Edge;
  readonly output: Edge;
}

const COPIED_AT_ONCE = 4 << 20;
/** Of a protocol buffer, which ONNX is. */
const LARGEST_MODEL = 2 ** 31 - 1;
/** The first that does not want weights among the inputs. */
const LEAST_IR_VERSION = 4;

/**
 * Writes some nodes of a model as a model of its own. Weights are copied from file to file, a few MB at a time. The
 * file is on disk (fsync) when this returns.
 */
export async function writePart(source: ModelFiles, model: OnnxModel, part: Part, file: string): Promise<FileDigest> {
  const reads = new Set(part.nodes.flatMap((node) => node.inputs));
  const kept = [...model.weights].filter(([name]) => reads.has(name)).map(([, weight]) => weight);
  const weights: StoredWeight[] = [];
  for (const weight of kept) weights.push(await locate(source, weight));
  const structure = Buffer.concat([
    ...part.nodes.map((node) => lengthDelimited(1, node.bytes)),
    text(2, part.name),
    lengthDelimited(11, valueInfo(part.input)),
    lengthDelimited(12, valueInfo(part.output)),
  ]);
  const length = weights.reduce(
    (sum, { head, range }) => sum + head.length + range.end - range.start,
    structure.length,
  );
  if (length > LARGEST_MODEL)
    throw new Error(`its ${part.name} has ${length} bytes; expected at most ${LARGEST_MODEL}`);

  const hash = createHash('sha256');
  let bytes = 0;
  const target = await open(file, 'wx');
  const write = async (piece: Uint8Array) => {
    hash.update(piece);
    for (let at = 0; at < piece.length; ) at += (await target.write(piece, at, piece.length - at)).bytesWritten;
    bytes += piece.length;
  };
  try {
    await write(
      Buffer.concat([varint(1, Math.max(model.irVersion, LEAST_IR_VERSION)), text(2, 'edgeslot'), ...model.imports]),
    );
    await write(fieldHeader(7, length));
    await write(structure);
    for (const { head, file: from, range } of weights) {
      await write(head);
      for await (const piece of pieces(from, range)) await write(piece);
    }
    await target.sync();
  } finally {
    await target.close();
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** A weight as it is written: bytes of ours, then a stretch of a file. */
interface StoredWeight {
  readonly head: Uint8Array;
  readonly file: FileHandle;
  readonly range: Range;
}

/** Values of another file go into the graph's own, as raw_data (9). */
async function locate(source: ModelFiles, { start, end, external }: Weight): Promise<StoredWeight> {
  if (!external) return { head: fieldHeader(5, end - start), file: source.main, range: { start, end } };
  const { file, range } = await source.find(external);
  const length = range.end - range.start;
  const tensor = Buffer.concat([external.fields, fieldHeader(9, length)]);
  return { head: Buffer.concat([fieldHeader(5, tensor.length + length), tensor]), file, range };
}

async function* pieces(file: FileHandle, { start, end }: Range): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.alloc(Math.min(COPIED_AT_ONCE, end - start));
  for (let at = start; at < end; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - at), at);
    if (bytesRead === 0) throw new Error(`the file ends at byte ${at}, expected ${end}`);
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

function valueInfo({ name, shape }: Edge): Uint8Array {
  const dimensions = shape?.map((size) =>
    lengthDelimited(1, typeof size === 'number' ? varint(1, size) : text(2, size)),
  );
  const parts = [varint(1, 1), ...(dimensions ? [lengthDelimited(2, Buffer.concat(dimensions))] : [])];
  return Buffer.concat([text(1, name), lengthDelimited(2, lengthDelimited(1, Buffer.concat(parts)))]);
}
