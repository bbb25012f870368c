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

/** An address to listen on: IPv4, IPv6, or `auto` for the runtime's own. */
export function listenAddress(text: string): string {
  if (text === 'auto' || /^\d{1,3}(\.\d{1,3}){3}$/.test(text) || text.includes(':')) return text;
  throw new InvalidArgumentError('expected an IP address of this machine, or `auto`');
}
