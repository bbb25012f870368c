import type { DeviceList, SurveyedCard } from '@edgeslot/scoring/devices';
import type { NodeHolder } from '../node-holders.js';
import { table } from './columns.js';
import { type Paint, printable } from './style.js';

export interface ListedDevices extends DeviceList {
  /** By path of the card's node. */
  readonly holders: Readonly<Record<string, readonly NodeHolder[]>>;
}

/** Longer ones fill the screen and tell no more. */
const COMMAND = 60;

/** What `device list` prints: each device, what is known of it, and what `auto` would take. */
export function deviceLines(paint: Paint, { cards, reason, emulator, holders }: ListedDevices): string[] {
  const lines = cards.flatMap((card) => cardLines(paint, card, holders[card.path] ?? []));
  if (cards.length === 0)
    lines.push(`${paint('strong', 'catapult')}  ${paint('dim', 'none')}`, `  ${printable(reason)}`);
  lines.push('', `${paint('strong', 'emulator')}  ${verdict(paint, emulator.usable ? 'usable' : 'unusable')}`);
  lines.push(`  ${printable(emulator.reason)}`, '', choiceLine(cards, emulator.usable));
  return lines;
}

function cardLines(paint: Paint, card: SurveyedCard, holders: readonly NodeHolder[]): string[] {
  const { path, kind, state, reason, identity = {}, temperature } = card;
  const what = kind === 'virtual-card' ? 'virtual card, no hardware' : 'Catapult card';
  const rows = [
    ...Object.entries(identity).map(([name, value]) => [LABELS[name] ?? name, printable(value)]),
    ...(temperature === undefined ? [] : [['temperature', `${temperature} °C`]]),
    ...holders.map(({ pid, command }) => ['held by', `process ${pid}  ${printable(command.slice(0, COMMAND))}`]),
  ];
  return [
    `${paint('strong', path)}  ${what}, ${verdict(paint, state)}`,
    ...(state === 'usable' ? [] : [`  ${printable(reason)}`]),
    ...table(rows, '  '),
  ];
}

const LABELS: Readonly<Record<string, string>> = {
  shellVersion: 'shell version',
  shellId: 'shell id',
  roleId: 'role id',
  boardId: 'board id',
  chipId: 'chip id',
  functionType: 'function',
};

function verdict(paint: Paint, state: SurveyedCard['state']): string {
  if (state === 'usable') return paint('good', 'usable');
  return state === 'failing' ? paint('warn', 'does not answer as it should') : paint('bad', 'not usable');
}

function choiceLine(cards: readonly SurveyedCard[], emulates: boolean): string {
  const card = cards.find(({ state }) => state === 'usable');
  if (card) return `--device auto takes ${card.path}${emulates ? ', and the emulator while it fails' : ''}`;
  if (!emulates) return 'no device here can run a model';
  const awaited = cards.find(({ state }) => state === 'failing');
  return `--device auto takes the emulator${awaited ? `, and ${awaited.path} once it answers` : ''}`;
}
