import type { ExternalWeights, OnnxWeights } from './onnx-header.js';
import { ProtoError, type ProtoField, type ProtoFile } from './proto-file.js';
import { RANK_LIMIT, typeName } from './read-value.js';

/** What a TensorProto says of itself; its values are skipped unread. */
export interface ReadWeights {
  readonly name: string;
  /** When its bytes are in the graph's file as they are in memory. */
  readonly own?: OnnxWeights;
  readonly external?: ExternalWeights;
}

/** Reads a TensorProto: dims (1), data_type (2), name (8), raw_data (9), external_data (13). */
export async function readWeights(proto: ProtoFile, tensor: ProtoField): Promise<ReadWeights> {
  let name = '';
  let type = typeName(0);
  let raw: ProtoField | undefined;
  const dims: number[] = [];
  const entries = new Map<string, string>();
  await proto.walk(tensor, async (field) => {
    if (field.number === 1) dims.push(...(await proto.numbers(field)));
    if (dims.length > RANK_LIMIT) throw new ProtoError(field.from, `a tensor of more than ${RANK_LIMIT} dimensions`);
    if (field.number === 2) type = typeName(field.value);
    if (field.number === 8) name = await proto.text(field);
    if (field.number === 9) raw = field;
    if (field.number === 13) {
      const [key, value] = await readEntry(proto, field);
      entries.set(key, value);
    }
  });
  const location = entries.get('location');
  if (location === undefined) {
    return { name, ...(raw && { own: { name, type, dims, offset: raw.from, length: raw.to - raw.from } }) };
  }
  const [offset, length] = [entries.get('offset'), entries.get('length')];
  const range = { ...(offset !== undefined && { offset }), ...(length !== undefined && { length }) };
  return { name, external: { name, type, dims, location, ...range } };
}

/** StringStringEntryProto. */
async function readEntry(proto: ProtoFile, entry: ProtoField): Promise<[key: string, value: string]> {
  let [key, value] = ['', ''];
  await proto.walk(entry, async (field) => {
    if (field.number === 1) key = await proto.text(field);
    if (field.number === 2) value = await proto.text(field);
  });
  return [key, value];
}
