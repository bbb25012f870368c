import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_STATE } from './state-dir.js';

/** `--state DIR`, which every verb that speaks to a runtime has. */
export function stateOption(): Option {
  return new Option('--state <dir>', 'state directory of the runtime').default(DEFAULT_STATE);
}

export function withState(command: Command): Command {
  return command.addOption(stateOption());
}

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('expected a whole number of 1 or more');
  }
  return value;
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError('expected a number above 0');
  return value;
}

/** As long as a hub lets a caller wait for a method's answer, less the time that it takes to come. */
export function waitSeconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 290)) throw new InvalidArgumentError('expected 0 to 290 seconds');
  return value;
}

/** A probability or an overlap. */
export function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('expected a number from 0 to 1');
  return value;
}

/** An address to listen on: IPv4, IPv6, or `auto` for the runtime's own. */
export function listenAddress(text: string): string {
  if (text === 'auto' || isOwnAddress(text)) return text;
  throw new InvalidArgumentError('expected an IP address of this machine, or `auto`');
}

function isOwnAddress(text: string): boolean {
  if (isIP(text) === 0) return false;
  if (text === '0.0.0.0' || text === '::') return true;
  // Linux answers on the whole of 127.0.0.0/8, and lists one address of it.
  if (process.platform === 'linux' && text.startsWith('127.')) return true;
  const [address] = text.split('%');
  return Object.values(networkInterfaces()).some((list) => list?.some((one) => one.address === address));
}

/** The camera's own bounds of `rate`, without 0, which would show nothing. */
export function frameRate(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= 100))
    throw new InvalidArgumentError('expected a number above 0, at most 100');
  return value;
}

/** `HOST:PORT`, an IPv6 host in brackets. */
export function hostAndPort(text: string): string {
  const port = /^(?:[^\s:[\]/]+|\[[0-9a-fA-F:.%]+\]):(\d{1,5})$/.exec(text)?.[1];
  if (port === undefined || Number(port) < 1 || Number(port) > 65_535)
    throw new InvalidArgumentError('expected HOST:PORT, e.g. 127.0.0.1:50051');
  return text;
}
