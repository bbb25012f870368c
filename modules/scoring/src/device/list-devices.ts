import { asScoringError } from '../errors.js';
import { type CardSearch, type SurveyedCard, surveyCards } from './card-survey.js';
import { Emulator } from './emulator.js';

/** Every device that a scoring module here could choose from. */
export interface DeviceList {
  readonly cards: readonly SurveyedCard[];
  /** One line: of the first usable card, or why there is none. */
  readonly reason: string;
  readonly emulator: { readonly usable: boolean; readonly reason: string };
}

/** Opens no card for good and never rejects: what is wrong with a device is its reason. */
export async function listDevices(search: CardSearch = {}): Promise<DeviceList> {
  const { cards, reason } = await surveyCards(search);
  return { cards, reason, emulator: lookAtEmulator() };
}

function lookAtEmulator(): DeviceList['emulator'] {
  try {
    return { usable: true, reason: new Emulator().info.description };
  } catch (error) {
    return { usable: false, reason: asScoringError(error).message };
  }
}
