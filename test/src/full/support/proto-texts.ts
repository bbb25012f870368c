import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { ROOT } from '../../support/checkout.js';

const FOLDER = join(ROOT, 'modules/tensorflow-serving/proto');

/** Full name of each message, enum and service, and its lines: one per field, value or method, sorted. */
export type Protocol = Readonly<Record<string, readonly string[]>>;

/** Our own .proto texts that TensorFlow's packages have too, by their import paths. */
export async function protoFiles(): Promise<string[]> {
  const names = await readdir(FOLDER, { recursive: true });
  return names.filter((name) => name.startsWith('tensorflow') && name.endsWith('.proto')).sort();
}

/** What our .proto texts say; what they take from `google.protobuf` is left out. */
export function describeProtoTexts(files: readonly string[]): Protocol {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => (target.startsWith('google/protobuf/') ? target : join(FOLDER, target));
  root.loadSync([...files], { keepCase: true });
  root.resolveAll();
  const found: Record<string, string[]> = {};
  describe(root, found);
  return found;
}

function describe(space: protobuf.NamespaceBase, into: Record<string, string[]>): void {
  for (const one of space.nestedArray) {
    const name = nameOf(one);
    if (name === 'google') continue;
    if (one instanceof protobuf.Type) into[name] = one.fieldsArray.map(lineOf).sort();
    if (one instanceof protobuf.Enum) {
      into[name] = Object.entries(one.values)
        .map(([value, number]) => `${number} ${value}`)
        .sort();
    }
    if (one instanceof protobuf.Service) {
      into[name] = one.methodsArray
        .map(
          (method) =>
            `${method.name}: ${nameOf(method.resolvedRequestType!)} -> ${nameOf(method.resolvedResponseType!)}`,
        )
        .sort();
    }
    if (one instanceof protobuf.Namespace) describe(one, into);
  }
}

function lineOf(field: protobuf.Field): string {
  const type = field.resolvedType ? nameOf(field.resolvedType) : field.type;
  const packable = field.resolvedType instanceof protobuf.Enum || field.type in protobuf.types.packed;
  const kind =
    field instanceof protobuf.MapField
      ? `map<${field.keyType}, ${type}>`
      : field.repeated
        ? `repeated ${type}${packable && field.packed ? ' packed' : ''}`
        : type;
  return `${field.id} ${field.name}: ${kind}${field.partOf ? ` of ${field.partOf.name}` : ''}`;
}

function nameOf(one: protobuf.ReflectionObject): string {
  return one.fullName.slice(1);
}
