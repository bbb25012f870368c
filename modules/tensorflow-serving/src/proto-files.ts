import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Enum, INamespace, NamespaceBase, ReflectionObject, Root, Type } from 'protobufjs';
import { encodeFileDescriptor } from './proto-descriptor.js';

/** One of our .proto texts, or of Google's that they import, as a reflecting client wants it. */
export interface ProtoFile {
  /** As it is imported, e.g. `tensorflow_serving/apis/predict.proto`. */
  readonly name: string;
  readonly imports: readonly string[];
  /** Full names of its messages, fields, enums, values, services and methods. */
  readonly symbols: readonly string[];
  /** Full names. */
  readonly services: readonly string[];
  /** A serialized `google.protobuf.FileDescriptorProto`. */
  readonly descriptor: Uint8Array;
}

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), '..', 'proto');

const require = createRequire(import.meta.url);

/** Reads every .proto text and describes it. Takes a tenth of a second: not to be done where frames are answered. */
export function describeProtoFiles(): ProtoFile[] {
  const protobuf = require('protobufjs') as typeof import('protobufjs');
  const { root, importsOf, google } = readAll(protobuf);
  root.resolveAll();
  const contents = new Map([...importsOf.keys()].map((name) => [name, [] as ReflectionObject[]]));
  for (const one of topLevel(root, protobuf.Type)) {
    contents.get(one.filename ?? google.get(one.fullName)!)!.push(one);
  }
  return [...importsOf].map(([name, imports]) => {
    const all = contents.get(name)!;
    const services = all.filter((one) => one instanceof protobuf.Service);
    const descriptor = encodeFileDescriptor({
      ...{ name, imports, services, package: fullName(all[0]!.parent!) },
      messages: all.filter((one) => one instanceof protobuf.Type),
      enums: all.filter((one) => one instanceof protobuf.Enum),
    });
    return {
      ...{ name, imports, descriptor, services: services.map(fullName) },
      symbols: all.flatMap((one) => symbolsOf(one, protobuf)),
    };
  });
}

/** Every text in one root, and of each file what it imports; Google's own types come from protobufjs. */
function readAll(protobuf: typeof import('protobufjs')) {
  const root: Root = new protobuf.Root();
  const importsOf = new Map<string, readonly string[]>();
  const google = new Map<string, string>();
  const readGoogles = (name: string, nested: NonNullable<INamespace['nested']>) => {
    importsOf.set(name, []);
    root.addJSON(nested);
    const { google: space } = nested as unknown as { google: { nested: { protobuf: { nested: object } } } };
    for (const type of Object.keys(space.nested.protobuf.nested)) google.set(`.google.protobuf.${type}`, name);
  };
  const parser = protobuf.parse as typeof protobuf.parse & { filename: string };
  const names = readdirSync(FOLDER, { recursive: true }) as string[];
  for (const name of names.filter((one) => one.endsWith('.proto')).sort()) {
    // Read by the parser's own types; its type file does not know it.
    parser.filename = name;
    const { imports } = parser(readFileSync(join(FOLDER, name), 'utf8'), root, { keepCase: true });
    importsOf.set(name, imports ?? []);
    for (const other of imports ?? []) {
      const googles = protobuf.common.get(other)?.nested;
      if (googles && !importsOf.has(other)) readGoogles(other, googles);
    }
  }
  return { root, importsOf, google };
}

/** Messages, enums and services that are in no message. */
function topLevel(space: NamespaceBase, type: typeof Type): ReflectionObject[] {
  return space.nestedArray.flatMap((one) =>
    'nestedArray' in one && !(one instanceof type) && !('methods' in one)
      ? topLevel(one as NamespaceBase, type)
      : [one],
  );
}

function symbolsOf(one: ReflectionObject, protobuf: typeof import('protobufjs')): string[] {
  const own = fullName(one);
  if (one instanceof protobuf.Type) {
    const inside = [...one.fieldsArray, ...one.oneofsArray].map(fullName);
    return [own, ...inside, ...one.nestedArray.flatMap((nested) => symbolsOf(nested, protobuf))];
  }
  if (one instanceof protobuf.Service) return [own, ...one.methodsArray.map(fullName)];
  // An enum's values are its siblings.
  const space = own.slice(0, own.lastIndexOf('.') + 1);
  return [own, ...Object.keys((one as Enum).values).map((value) => space + value)];
}

function fullName(one: ReflectionObject): string {
  return one.fullName.slice(1);
}
