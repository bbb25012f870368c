import { basename, join } from 'node:path';
import { type CardKind, type CatapultNode, type CatapultProbe, probeCatapult } from '@edgeslot/native';
import { within } from '../within.js';
import type { CardPlace } from './held-card.js';

/** Where cards are looked for, and what drives a real one. */
export interface CardSearch {
  /** A folder with `dev` and `sys` as the virtual card has it; `/dev` and `/sys/class/catapult` when absent. */
  readonly directory?: string | undefined;
  /** The vendor's library. */
  readonly driverLibrary?: string | undefined;
}

/** A node of the driver, and whether models can be run on it. */
export interface SurveyedCard extends CardPlace {
  readonly kind: CardKind;
  /** `failing`: it would be used if it answered, and may yet. */
  readonly state: 'usable' | 'failing' | 'unusable';
  /** One line: what it is, or why it cannot be used. */
  readonly reason: string;
  /** Degrees Celsius. */
  readonly temperature?: number;
}

export interface CardSurvey {
  readonly cards: readonly SurveyedCard[];
  /** One line: of the first card that is usable, or why there is none. */
  readonly reason: string;
}

export interface SurveyDependencies {
  readonly probe?: (options: { devDir?: string; sysfsDir?: string }) => Promise<CatapultProbe>;
  /** A driver that hangs must not hang the module. */
  readonly timeoutMs?: number;
}

const SYSFS = '/sys/class/catapult';
const DRIVER_MAJOR = '5';
const PROBE_TIMEOUT_MS = 5000;
const FIRST = 'catapult0';

/** What the virtual card says in place of a board's id (`native/card`). */
const VIRTUAL_BOARD = 'virtual-card';

/** Looks at every node, opens none for good; never rejects. Not to be called for a card that this process holds. */
export async function surveyCards(search: CardSearch = {}, deps: SurveyDependencies = {}): Promise<CardSurvey> {
  const { probe = probeCatapult, timeoutMs = PROBE_TIMEOUT_MS } = deps;
  const { directory } = search;
  const places = directory === undefined ? {} : { devDir: join(directory, 'dev'), sysfsDir: join(directory, 'sys') };
  const late = {
    reason: `the probe of the card did not answer within ${timeoutMs} ms`,
    nodes: [],
    addon: 'loaded' as const,
  };
  try {
    const { reason, nodes, addon } = await within<Pick<CatapultProbe, 'reason' | 'nodes' | 'addon'>>(
      probe(places),
      timeoutMs,
      () => late,
    );
    const sysfsDir = places.sysfsDir ?? SYSFS;
    if (addon === 'missing') return { cards: nodes.map((node) => unseen(node, reason, sysfsDir)), reason };
    // A virtual card that was named is waited for: it may start later, or again.
    if (directory !== undefined && nodes.length === 0) return { cards: [awaited(directory, reason)], reason };
    const cards = nodes.map((node) => judge(node, search, sysfsDir));
    const role =
      cards.find(({ state }) => state === 'usable') ?? cards.find((_, at) => nodes[at]!.functionType === 'role');
    return { cards, reason: role ? role.reason : reason };
  } catch (error) {
    return { cards: [], reason: `the probe of the card failed: ${(error as Error).message}` };
  }
}

function awaited(directory: string, reason: string): SurveyedCard {
  const [path, sysfs] = [join(directory, 'dev', FIRST), join(directory, 'sys', FIRST)];
  return { kind: 'virtual-card', state: 'failing', path, sysfs, identity: {}, reason };
}

/** Without the native addon a node's name is all that is known. */
function unseen({ path }: CatapultNode, reason: string, sysfsDir: string): SurveyedCard {
  return { kind: 'catapult', state: 'unusable', path, sysfs: join(sysfsDir, basename(path)), identity: {}, reason };
}

function judge(node: CatapultNode, { driverLibrary }: CardSearch, sysfsDir: string): SurveyedCard {
  const { path, temperature, boardId } = node;
  const kind = boardId === VIRTUAL_BOARD ? 'virtual-card' : 'catapult';
  const unfit = whyUnfit(node, kind, driverLibrary, sysfsDir);
  const failure = node.error === undefined ? undefined : `${path}: ${node.error}`;
  return {
    kind,
    path,
    sysfs: join(sysfsDir, basename(path)),
    ...(kind === 'catapult' && driverLibrary !== undefined && { driverLibrary }),
    identity: identityOf(node),
    ...(temperature !== undefined && { temperature }),
    state: unfit !== undefined ? 'unusable' : failure !== undefined ? 'failing' : 'usable',
    reason: unfit ?? failure ?? describe(node, kind),
  };
}

function whyUnfit(
  node: CatapultNode,
  kind: CardKind,
  driverLibrary: string | undefined,
  sysfsDir: string,
): string | undefined {
  const { path, functionType, driver, error } = node;
  if (functionType === undefined) {
    return `${path}: ${error ?? `${sysfsDir} does not tell whether it is the role function`}`;
  }
  if (functionType !== 'role') return `${path} is the ${functionType} function; the role function runs the models`;
  if (driver !== undefined && driver.split('.')[0] !== DRIVER_MAJOR) {
    return `${path}: its driver is version ${driver}, expected ${DRIVER_MAJOR}`;
  }
  // What hardware is asked to run a model is not public: without the vendor's library it can be told, but not used.
  if (kind === 'catapult' && driverLibrary === undefined) {
    return `${error === undefined ? describe(node, kind) : `${path}: ${error}`}; it runs models only with its vendor's library, which is not part of Edgeslot: name the file with DRIVER_LIBRARY (--driver-library)`;
  }
  return undefined;
}

function describe({ path, driver, slots, bytesPerSlot, temperature }: CatapultNode, kind: CardKind): string {
  const what = kind === 'virtual-card' ? 'virtual card, no hardware' : 'Catapult card, role function';
  const facts = [`${what}, at ${path}`, `driver ${driver}`];
  if (slots !== undefined) facts.push(`${slots} slots of ${bytesPerSlot} bytes`);
  if (temperature !== undefined) facts.push(`${temperature} °C`);
  return facts.join(', ');
}

function identityOf({ driver, shellVersion, shellId, roleId, boardId, chipId, functionType }: CatapultNode) {
  const all = { driver, shellVersion, shellId, roleId, boardId, chipId, functionType };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
