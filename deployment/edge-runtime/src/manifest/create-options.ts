import path from 'node:path';
import type { Bind, CreateOptions, Finding, PortBinding } from './deployment.js';
import { pointer } from './deployment.js';
import { findJsonFault } from './parse-json.js';

const NO_MEANING_HERE = new Set([
  'ExposedPorts',
  'Labels',
  'Hostname',
  'NetworkingConfig',
  'Env',
  'Cmd',
  'HostConfig',
  'StopSignal',
  'StopTimeout',
]);
const HOST_CONFIG = new Set(['Binds', 'Mounts', 'PortBindings', 'Devices', 'LogConfig']);
const STOP_SIGNALS = new Set(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGKILL']);
const DEFAULT_LOG = { maxBytes: 4 * 1024 * 1024, maxFiles: 3 };

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Joins `createOptions`, `createOptions01` … `createOptions99` in order; the agent reads split values so because a twin
 * string once held 512 bytes (iotedge: edge-util JsonEx.cs, ChunkedProperty).
 */
export function joinCreateOptions(settings: Json, at: string): { text: string; findings: Finding[] } {
  const findings: Finding[] = [];
  const chunks = new Map<number, string>();
  for (const [key, value] of Object.entries(settings)) {
    const match = /^createOptions(\d\d)?$/i.exec(key);
    if (match === null) continue;
    if (typeof value === 'string') chunks.set(Number(match[1] ?? 0), value);
    else if (value !== null) {
      findings.push({
        pointer: at + pointer(key),
        message: `is ${kind(value)}, expected Docker create options as a string of JSON`,
        ...(isObject(value)
          ? { suggestion: `write it as ${JSON.stringify(JSON.stringify(value)).slice(0, 120)}` }
          : {}),
      });
    }
  }
  let text = chunks.get(0) ?? '';
  const last = Math.max(0, ...chunks.keys());
  for (let index = 1; index <= last; index++) {
    const chunk = chunks.get(index);
    const name = `createOptions${String(index).padStart(2, '0')}`;
    if (chunk === undefined) {
      findings.push({
        pointer: at,
        message: `has ${chunks.size} parts of createOptions but no ${name}: parts are consecutive from 01`,
      });
      break;
    }
    text += chunk;
  }
  return { text, findings };
}

/** Reads the part of Docker's ContainerCreate body that a process can honour; what it cannot is a warning. */
export function readCreateOptions(
  text: string,
  at: string,
): { options: CreateOptions; findings: Finding[]; warnings: Finding[] } {
  const findings: Finding[] = [];
  const warnings: Finding[] = [];
  const wrong = (message: string) => findings.push({ pointer: at, message: `createOptions: ${message}` });
  let body: unknown = {};
  if (text.trim() !== '' && text.trim() !== 'null') {
    try {
      body = JSON.parse(text);
    } catch {
      const fault = findJsonFault(text);
      wrong(`not JSON at line ${fault?.line ?? 1} column ${fault?.column ?? 1}: ${fault?.message ?? 'cannot be read'}`);
    }
  }
  if (!isObject(body)) {
    wrong(`is ${kind(body)}, expected an object`);
    body = {};
  }
  const root = body as Json;
  const host = section(root, 'HostConfig', wrong);
  for (const key of Object.keys(root)) {
    if (!NO_MEANING_HERE.has(key))
      warnings.push({ pointer: at, message: `createOptions.${key} has no effect on a module that runs as a process` });
  }
  for (const key of Object.keys(host)) {
    if (!HOST_CONFIG.has(key))
      warnings.push({
        pointer: at,
        message: `createOptions.HostConfig.${key} has no effect on a module that runs as a process`,
      });
  }
  const stopSignal = root.StopSignal ?? 'SIGTERM';
  if (typeof stopSignal !== 'string' || !STOP_SIGNALS.has(stopSignal)) {
    wrong(`StopSignal is ${show(stopSignal)}, expected one of ${[...STOP_SIGNALS].join(', ')}`);
  }
  const stopTimeout = root.StopTimeout ?? 10;
  if (typeof stopTimeout !== 'number' || !Number.isInteger(stopTimeout) || stopTimeout < 0 || stopTimeout > 3600) {
    wrong(`StopTimeout is ${show(stopTimeout)}, expected whole seconds from 0 to 3600`);
  }
  const options: CreateOptions = {
    env: readEnv(root.Env, wrong),
    args: strings(root.Cmd, 'Cmd', wrong),
    stopSignal: String(stopSignal),
    stopTimeoutMs: Number(stopTimeout) * 1000,
    binds: readBinds(host, wrong),
    ports: readPorts(host.PortBindings, wrong, (message) =>
      warnings.push({ pointer: at, message: `createOptions: ${message}` }),
    ),
    devices: readDevices(host.Devices, wrong),
    log: readLog(host),
  };
  return { options, findings, warnings };
}

type Wrong = (message: string) => void;

function readEnv(value: unknown, wrong: Wrong): Record<string, string> {
  const env: Record<string, string> = {};
  for (const entry of strings(value, 'Env', wrong)) {
    const cut = entry.indexOf('=');
    if (cut <= 0) wrong(`Env entry ${show(entry)}, expected NAME=value`);
    else env[entry.slice(0, cut)] = entry.slice(cut + 1);
  }
  return env;
}

function readBinds(host: Json, wrong: Wrong): Bind[] {
  const binds: Bind[] = [];
  const add = (source: string, target: string, readOnly: boolean, entry: unknown) => {
    if (source === '' || !path.posix.isAbsolute(target) || path.posix.normalize(target) === '/') {
      wrong(`bind ${show(entry)}, expected SOURCE:/absolute/target with an optional :ro`);
    } else binds.push({ source, target: path.posix.normalize(target).replace(/\/$/, ''), readOnly });
  };
  for (const entry of strings(host.Binds, 'HostConfig.Binds', wrong)) {
    const [source = '', target = '', mode = '', ...rest] = entry.split(':');
    if (rest.length > 0) wrong(`bind ${show(entry)} has too many parts, expected SOURCE:TARGET[:ro]`);
    else add(source, target, mode.split(',').includes('ro'), entry);
  }
  for (const mount of array(host.Mounts, 'HostConfig.Mounts', wrong)) {
    const {
      Type: type = 'volume',
      Source: source = '',
      Target: target = '',
      ReadOnly: readOnly = false,
    } = isObject(mount) ? mount : {};
    if (type !== 'bind' && type !== 'volume') wrong(`mount of type ${show(type)}, expected bind or volume`);
    else add(String(source), String(target), readOnly === true, mount);
  }
  return binds;
}

function readPorts(value: unknown, wrong: Wrong, warn: Wrong): PortBinding[] {
  if (value === undefined || value === null) return [];
  if (!isObject(value)) {
    wrong(`HostConfig.PortBindings is ${kind(value)}, expected an object such as {"50051/tcp":[{"HostPort":"50051"}]}`);
    return [];
  }
  const ports: PortBinding[] = [];
  for (const [key, bindings] of Object.entries(value)) {
    const match = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(key);
    const containerPort = Number(match?.[1]);
    if (match === null || containerPort < 1 || containerPort > 65535) {
      wrong(`PortBindings names the port ${show(key)}, expected 1 to 65535 with /tcp`);
      continue;
    }
    if (match[2] !== undefined && match[2] !== 'tcp') {
      warn(`port ${key} is not forwarded: only TCP is`);
      continue;
    }
    for (const binding of array(bindings, `PortBindings["${key}"]`, wrong)) {
      const { HostIp: hostIp = '', HostPort: port = '' } = isObject(binding) ? binding : {};
      const hostPort = port === '' ? 0 : Number(port);
      if (!Number.isInteger(hostPort) || hostPort < 0 || hostPort > 65535) {
        wrong(`PortBindings["${key}"] has the HostPort ${show(port)}, expected 0 to 65535`);
      } else ports.push({ containerPort, hostIp: String(hostIp ?? ''), hostPort });
    }
  }
  return ports;
}

function readDevices(value: unknown, wrong: Wrong): string[] {
  const devices: string[] = [];
  for (const device of array(value, 'HostConfig.Devices', wrong)) {
    const onHost = isObject(device) ? device.PathOnHost : undefined;
    if (typeof onHost === 'string' && path.posix.isAbsolute(onHost)) devices.push(onHost);
    else wrong(`HostConfig.Devices holds ${show(device)}, expected {"PathOnHost":"/dev/…","PathInContainer":"/dev/…"}`);
  }
  return devices;
}

/** Docker's json-file limits; anything else keeps the default, since the file is ours and not Docker's. */
function readLog(host: Json): CreateOptions['log'] {
  const config = isObject(host.LogConfig) && isObject(host.LogConfig.Config) ? host.LogConfig.Config : {};
  const size = /^(\d+)([kmg]?)$/i.exec(String(config['max-size'] ?? ''));
  const scale = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[(size?.[2] ?? '').toLowerCase()] ?? 1;
  const files = Number(config['max-file'] ?? Number.NaN);
  return {
    maxBytes: size === null ? DEFAULT_LOG.maxBytes : Math.max(64 * 1024, Number(size[1]) * scale),
    maxFiles: Number.isInteger(files) && files > 0 && files <= 100 ? files : DEFAULT_LOG.maxFiles,
  };
}

function section(parent: Json, name: string, wrong: Wrong): Json {
  const value = parent[name] ?? {};
  if (isObject(value)) return value;
  wrong(`${name} is ${kind(value)}, expected an object`);
  return {};
}

function array(value: unknown, name: string, wrong: Wrong): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  wrong(`${name} is ${kind(value)}, expected an array`);
  return [];
}

function strings(value: unknown, name: string, wrong: Wrong): string[] {
  return array(value, name, wrong).filter((entry): entry is string => {
    if (typeof entry === 'string') return true;
    wrong(`${name} holds ${show(entry)}, expected strings`);
    return false;
  });
}

function kind(value: unknown): string {
  return value === null
    ? 'null'
    : Array.isArray(value)
      ? 'an array'
      : typeof value === 'object'
        ? 'an object'
        : `the ${typeof value} ${show(value)}`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
