import { asScoringError, scoringError } from '../errors.js';
import type { CardDevice } from './candidate.js';
import type { CardSurvey, SurveyedCard } from './card-survey.js';
import type { Device, DeviceChoice, DeviceSelection, RejectedDevice } from './device.js';
import { PreferredDevice } from './preferred-device.js';

export interface SelectDependencies {
  /** Never rejects. */
  readonly surveyCards: () => Promise<CardSurvey>;
  readonly createCard: (card: SurveyedCard) => CardDevice;
  /** Throws when the emulator cannot run on this host. */
  readonly createEmulator: () => Device;
}

/**
 * Chooses the device: `auto` has the cards first and the emulator behind them, `catapult` the cards alone. Nothing is
 * opened here: a card is at the first load. Why each candidate is passed over is kept.
 *
 * @throws ScoringError DEVICE_NONE with every reason
 */
export async function selectDevice(choice: DeviceChoice, deps: SelectDependencies): Promise<DeviceSelection> {
  if (choice === 'emulator') {
    return { device: emulatorOf(deps, []), reason: 'the emulator was asked for', rejected: [] };
  }
  const { cards, reason } = await deps.surveyCards();
  const unusable = cards.filter(({ state }) => state === 'unusable').map(asRejected);
  const rejected = cards.length === 0 ? [{ kind: 'catapult', reason } as const] : unusable;
  const candidates = cards.filter(({ state }) => state !== 'unusable');
  if (candidates.length === 0) {
    if (choice === 'catapult') throw noDevice(rejected);
    return { device: emulatorOf(deps, rejected), reason, rejected };
  }
  const device = new PreferredDevice({
    cards: candidates.map((card) => ({
      device: deps.createCard(card),
      reason: choice === 'auto' ? 'it is the first card that can be used' : 'a card was asked for',
      ...(card.state === 'failing' && { failing: card.reason }),
    })),
    emulator: choice === 'auto' ? emulatorIfAny(deps) : undefined,
  });
  return device.selection(rejected);
}

function emulatorOf({ createEmulator }: SelectDependencies, rejected: readonly RejectedDevice[]): Device {
  try {
    return createEmulator();
  } catch (error) {
    throw noDevice([...rejected, { kind: 'emulator', reason: asScoringError(error).message }]);
  }
}

/** A host with a card can do without. */
function emulatorIfAny({ createEmulator }: SelectDependencies): Device | undefined {
  try {
    return createEmulator();
  } catch {
    return undefined;
  }
}

function asRejected({ kind, path, reason }: SurveyedCard): RejectedDevice {
  return { kind, path, reason };
}

function noDevice(rejected: readonly RejectedDevice[]) {
  return scoringError('DEVICE_NONE', rejected.map(({ kind, reason }) => `${kind}: ${reason}`).join('; '));
}
