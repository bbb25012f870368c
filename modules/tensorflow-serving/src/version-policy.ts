import {
  BYTES,
  type Reader,
  readEnd,
  readFields,
  readInt64,
  tag,
  VARINT,
  WireError,
  type Writer,
  writeMessage,
} from './wire.js';

/** `FileSystemStoragePathSourceConfig.ServableVersionPolicy`: which of a model's versions are wanted. */
export type VersionPolicy =
  | { readonly kind: 'latest'; readonly numVersions: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'specific'; readonly versions: readonly number[] };

const MAX_VERSIONS = 256;

/** The choice that comes last counts. */
export function readVersionPolicy(reader: Reader, end: number): VersionPolicy | undefined {
  let policy: VersionPolicy | undefined;
  readFields(reader, end, (field) => {
    switch (field) {
      case tag(100, BYTES):
        policy = { kind: 'latest', numVersions: readLatest(reader, readEnd(reader)) };
        return true;
      case tag(101, BYTES):
        reader.skip(readEnd(reader) - reader.pos);
        policy = { kind: 'all' };
        return true;
      case tag(102, BYTES):
        policy = { kind: 'specific', versions: readSpecific(reader, readEnd(reader)) };
        return true;
      default:
        return false;
    }
  });
  return policy;
}

export function writeVersionPolicy(writer: Writer, policy: VersionPolicy): void {
  if (policy.kind === 'latest') {
    writeMessage(writer, 100, policy.numVersions, (inner, count) => {
      if (count !== 0) inner.uint32(tag(1, VARINT)).uint32(count);
    });
  } else if (policy.kind === 'all') {
    writeMessage(writer, 101, policy, () => {});
  } else {
    writeMessage(writer, 102, policy.versions, (inner, versions) => {
      if (versions.length === 0) return;
      inner.uint32(tag(1, BYTES)).fork();
      for (const version of versions) inner.int64(version);
      inner.ldelim();
    });
  }
}

function readLatest(reader: Reader, end: number): number {
  let count = 0;
  readFields(reader, end, (field) => {
    if (field !== tag(1, VARINT)) return false;
    count = reader.uint32();
    return true;
  });
  return count;
}

function readSpecific(reader: Reader, end: number): number[] {
  const versions: number[] = [];
  const add = () => {
    if (versions.length === MAX_VERSIONS) throw new WireError(`versions holds more than ${MAX_VERSIONS} numbers`);
    versions.push(readInt64(reader));
  };
  readFields(reader, end, (field) => {
    switch (field) {
      case tag(1, VARINT):
        add();
        return true;
      case tag(1, BYTES): {
        const packedEnd = readEnd(reader);
        while (reader.pos < packedEnd) add();
        if (reader.pos > packedEnd) throw new WireError(`a packed number runs over its end at offset ${packedEnd}`);
        return true;
      }
      default:
        return false;
    }
  });
  return versions;
}
