import { BYTES, type Reader, readEnd, readFields, readInt64, readString, tag, VARINT, type Writer } from './wire.js';

/** `tensorflow.serving.ModelSpec`. */
export interface ModelSpec {
  name: string;
  version?: number;
  versionLabel?: string;
  signatureName: string;
}

/** Reads a message with its length into `spec`: protobuf merges one that is sent in two parts. */
export function readModelSpec(reader: Reader, spec: ModelSpec = { name: '', signatureName: '' }): ModelSpec {
  readFields(reader, readEnd(reader), (field) => {
    switch (field) {
      case tag(1, BYTES):
        spec.name = readString(reader);
        return true;
      case tag(2, BYTES):
        spec.version = readWrappedInt64(reader, readEnd(reader));
        delete spec.versionLabel;
        return true;
      case tag(3, BYTES):
        spec.signatureName = readString(reader);
        return true;
      case tag(4, BYTES):
        spec.versionLabel = readString(reader);
        delete spec.version;
        return true;
      default:
        return false;
    }
  });
  return spec;
}

export function writeModelSpec(writer: Writer, spec: ModelSpec): void {
  if (spec.name !== '') writer.uint32(tag(1, BYTES)).string(spec.name);
  if (spec.version !== undefined) {
    writer.uint32(tag(2, BYTES)).fork();
    if (spec.version !== 0) writer.uint32(tag(1, VARINT)).int64(spec.version);
    writer.ldelim();
  }
  if (spec.signatureName !== '') writer.uint32(tag(3, BYTES)).string(spec.signatureName);
  if (spec.versionLabel !== undefined) writer.uint32(tag(4, BYTES)).string(spec.versionLabel);
}

function readWrappedInt64(reader: Reader, end: number): number {
  let value = 0;
  readFields(reader, end, (field) => {
    if (field !== tag(1, VARINT)) return false;
    value = readInt64(reader);
    return true;
  });
  return value;
}
