import { readVersionPolicy, type VersionPolicy, writeVersionPolicy } from './version-policy.js';
import {
  BYTES,
  type Reader,
  readEnd,
  readFields,
  readInt64,
  readString,
  tag,
  VARINT,
  WireError,
  type Writer,
  writeMessage,
} from './wire.js';

/** `tensorflow.serving.ModelConfig`, without the logging of requests. */
export interface ModelConfig {
  readonly name: string;
  /** The directory that holds the versions. */
  readonly basePath: string;
  /** 0 unspecified, 1 TensorFlow, 2 other; deprecated in favour of the platform. */
  readonly modelType: number;
  readonly modelPlatform: string;
  readonly versionPolicy?: VersionPolicy;
  readonly versionLabels: ReadonlyMap<string, number>;
}

/** `tensorflow.serving.ModelServerConfig`: a list of models, or, which nobody here understands, something else. */
export interface ModelServerConfig {
  kind: 'models' | 'custom';
  models: readonly ModelConfig[];
}

const MAX_MODELS = 256;
const MAX_LABELS = 256;

/** Reads a message with its length into `config`: protobuf merges one that is sent in two parts. */
export function readModelServerConfig(reader: Reader, config?: ModelServerConfig): ModelServerConfig | undefined {
  let read = config;
  readFields(reader, readEnd(reader), (field) => {
    switch (field) {
      case tag(1, BYTES): {
        const models = read?.kind === 'models' ? [...read.models] : [];
        readConfigList(reader, readEnd(reader), models);
        read = { kind: 'models', models };
        return true;
      }
      case tag(2, BYTES):
        reader.skip(readEnd(reader) - reader.pos);
        read = { kind: 'custom', models: [] };
        return true;
      default:
        return false;
    }
  });
  return read;
}

export function writeModelServerConfig(writer: Writer, { kind, models }: ModelServerConfig): void {
  writeMessage(writer, kind === 'models' ? 1 : 2, models, (inner, list) => {
    for (const model of list) writeMessage(inner, 1, model, writeModelConfig);
  });
}

function readConfigList(reader: Reader, end: number, models: ModelConfig[]): void {
  readFields(reader, end, (field) => {
    if (field !== tag(1, BYTES)) return false;
    if (models.length === MAX_MODELS) throw new WireError(`model_config_list holds more than ${MAX_MODELS} models`);
    models.push(readModelConfig(reader, readEnd(reader)));
    return true;
  });
}

function readModelConfig(reader: Reader, end: number): ModelConfig {
  let [name, basePath, modelPlatform, modelType] = ['', '', '', 0];
  let versionPolicy: VersionPolicy | undefined;
  const versionLabels = new Map<string, number>();
  readFields(reader, end, (field) => {
    switch (field) {
      case tag(1, BYTES):
        name = readString(reader);
        return true;
      case tag(2, BYTES):
        basePath = readString(reader);
        return true;
      case tag(3, VARINT):
        modelType = reader.int32();
        return true;
      case tag(4, BYTES):
        modelPlatform = readString(reader);
        return true;
      case tag(7, BYTES):
        versionPolicy = readVersionPolicy(reader, readEnd(reader)) ?? versionPolicy;
        return true;
      case tag(8, BYTES):
        readLabel(reader, readEnd(reader), versionLabels);
        return true;
      default:
        return false;
    }
  });
  return { name, basePath, modelType, modelPlatform, versionLabels, ...(versionPolicy && { versionPolicy }) };
}

function writeModelConfig(writer: Writer, model: ModelConfig): void {
  if (model.name !== '') writer.uint32(tag(1, BYTES)).string(model.name);
  if (model.basePath !== '') writer.uint32(tag(2, BYTES)).string(model.basePath);
  if (model.modelType !== 0) writer.uint32(tag(3, VARINT)).int32(model.modelType);
  if (model.modelPlatform !== '') writer.uint32(tag(4, BYTES)).string(model.modelPlatform);
  if (model.versionPolicy) writeMessage(writer, 7, model.versionPolicy, writeVersionPolicy);
  for (const entry of model.versionLabels) {
    writeMessage(writer, 8, entry, (inner, [label, version]) => {
      inner.uint32(tag(1, BYTES)).string(label).uint32(tag(2, VARINT)).int64(version);
    });
  }
}

function readLabel(reader: Reader, end: number, labels: Map<string, number>): void {
  let [label, version] = ['', 0];
  readFields(reader, end, (field) => {
    switch (field) {
      case tag(1, BYTES):
        label = readString(reader);
        return true;
      case tag(2, VARINT):
        version = readInt64(reader);
        return true;
      default:
        return false;
    }
  });
  labels.set(label, version);
  if (labels.size > MAX_LABELS) throw new WireError(`more than ${MAX_LABELS} version labels`);
}
