import { openCard } from '@edgeslot/native';
import { asScoringError } from '../errors.js';
import type { SurveyedCard } from './card-survey.js';
import { HeldCard, type HeldCardOptions } from './held-card.js';

/** How a card is, as only its holder can tell. */
export interface CardCheck {
  readonly ok: boolean;
  /** What is not well, why it cannot be opened, or `ok`. */
  readonly text: string;
}

/** Takes a free card for a moment, which resets it, and looks at its registers. Never rejects. */
export async function checkCard(card: SurveyedCard, open: HeldCardOptions['open'] = openCard): Promise<CardCheck> {
  const held = new HeldCard({ ...card, open, stillBusyMs: 0 });
  try {
    await held.take();
    return held.report.health ?? { ok: false, text: 'it was lost at once' };
  } catch (error) {
    return { ok: false, text: asScoringError(error).message };
  } finally {
    await held.close();
  }
}
