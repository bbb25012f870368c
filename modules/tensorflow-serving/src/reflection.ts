import { serverMethod } from './server-method.js';
import {
  BYTES,
  newReader,
  newWriter,
  type Reader,
  readEnd,
  readFields,
  readString,
  tag,
  VARINT,
  type Writer,
  writeMessage,
} from './wire.js';

/** `grpc.reflection.v1.ServerReflectionRequest`: one question. */
export interface ReflectionRequest {
  readonly host: string;
  readonly question: ReflectionQuestion | undefined;
  /** As it came: an answer repeats its question. */
  readonly bytes: Uint8Array;
}

export type ReflectionQuestion =
  | { readonly ask: 'services' }
  | { readonly ask: 'file' | 'symbol' | 'extensions'; readonly name: string }
  | { readonly ask: 'extension'; readonly name: string; readonly number: number };

/** `grpc.reflection.v1.ServerReflectionResponse`: one answer. */
export interface ReflectionResponse {
  readonly request: ReflectionRequest;
  readonly answer:
    | { readonly kind: 'services'; readonly names: readonly string[] }
    /** Serialized `google.protobuf.FileDescriptorProto` messages. */
    | { readonly kind: 'files'; readonly descriptors: readonly Uint8Array[] }
    | { readonly kind: 'error'; readonly code: number; readonly message: string };
}

const request = { encode: ({ bytes }: ReflectionRequest) => Buffer.from(bytes), decode: decodeRequest };

/** `ServerReflection/ServerReflectionInfo` of `grpc.reflection.v1` and `v1alpha`, in the shape that grpc-js takes. */
export const reflectionServerMethods = ['v1', 'v1alpha'].map((version) =>
  serverMethod({
    service: `grpc.reflection.${version}.ServerReflection`,
    name: 'ServerReflectionInfo',
    request,
    response: { encode: encodeResponse },
    requestStream: true,
    responseStream: true,
  }),
);

function decodeRequest(bytes: Uint8Array): ReflectionRequest {
  let host = '';
  let question: ReflectionQuestion | undefined;
  const reader = newReader(bytes);
  readFields(reader, reader.len, (field) => {
    switch (field) {
      case tag(1, BYTES):
        host = readString(reader);
        return true;
      case tag(3, BYTES):
        question = { ask: 'file', name: readString(reader) };
        return true;
      case tag(4, BYTES):
        question = { ask: 'symbol', name: readString(reader) };
        return true;
      case tag(5, BYTES):
        question = { ask: 'extension', ...readExtension(reader, readEnd(reader)) };
        return true;
      case tag(6, BYTES):
        question = { ask: 'extensions', name: readString(reader) };
        return true;
      case tag(7, BYTES):
        // What stands in it has no meaning.
        readString(reader);
        question = { ask: 'services' };
        return true;
      default:
        return false;
    }
  });
  return { host, question, bytes };
}

function readExtension(reader: Reader, end: number): { name: string; number: number } {
  let [name, number] = ['', 0];
  readFields(reader, end, (field) => {
    switch (field) {
      case tag(1, BYTES):
        name = readString(reader);
        return true;
      case tag(2, VARINT):
        number = reader.int32();
        return true;
      default:
        return false;
    }
  });
  return { name, number };
}

function encodeResponse({ request: { host, bytes }, answer }: ReflectionResponse): Buffer {
  const writer = newWriter();
  if (host !== '') writer.uint32(tag(1, BYTES)).string(host);
  writer.uint32(tag(2, BYTES)).bytes(bytes);
  switch (answer.kind) {
    case 'files':
      writeMessage(writer, 4, answer.descriptors, (inner, all) => {
        for (const descriptor of all) inner.uint32(tag(1, BYTES)).bytes(descriptor);
      });
      break;
    case 'services':
      writeMessage(writer, 6, answer.names, (inner, names) => {
        for (const name of names) writeMessage(inner, 1, name, writeName);
      });
      break;
    case 'error':
      writeMessage(writer, 7, answer, (inner, { code, message }) => {
        inner.uint32(tag(1, VARINT)).int32(code).uint32(tag(2, BYTES)).string(message);
      });
  }
  return writer.finish() as Buffer;
}

function writeName(writer: Writer, name: string): void {
  writer.uint32(tag(1, BYTES)).string(name);
}
