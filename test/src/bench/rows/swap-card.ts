import { join } from 'node:path';
import { createModel } from '@edgeslot/model-tools';
import { VirtualCard } from '../../support/virtual-card.js';
import type { Row } from '../row.js';
import { median, quartiles } from '../statistics.js';
import { conditions, failedFigure, measureSwaps, swapFigure, twinsOf } from '../swaps.js';

const WHAT = 'ResNet-50, virtual card';
/** Features come from the card as halves. */
const TOLERANCE = 5e-3;

interface Reported {
  readonly cards?: readonly { readonly modelled?: { readonly loadMs?: number } }[];
}

/** A swap on a card, against the time that loading the network would take it. */
export const swapCard: Row = {
  name: 'swap-card',
  measure: async ({ folder, signal, say }) => {
    const reason = await VirtualCard.whyNotHere();
    if (reason !== undefined) return { notMeasured: reason };
    say('makes ResNet-50');
    const modelsDir = join(folder, 'models');
    const { name, version } = await createModel({ modelsDir, network: 'resnet50', signal });
    const twins = await twinsOf(modelsDir, `${name}:${version}`);
    const card = await VirtualCard.start();
    try {
      say('swaps to and fro');
      const module = { env: { DEVICE: 'catapult', CARD_DIR: '/card' }, binds: [`${card.directory}:/card`] };
      const result = await measureSwaps(twins, module, TOLERANCE);
      const modelledMs = (result.device as Reported).cards?.[0]?.modelled?.loadMs;
      if (modelledMs === undefined) throw new Error('the module reports no modelled load');
      const beyond = result.spans.map((span) => result.report.blackoutMs(span) - modelledMs);
      return {
        figures: [
          swapFigure(result, {
            what: `${WHAT}: blackout beyond its modelled load`,
            goal: { atMost: 50 },
            value: median(beyond),
            unit: 'ms',
            spread: quartiles(beyond),
            note: `modelled load ${modelledMs} ms; ${conditions(result)}`,
          }),
          failedFigure(result, `${WHAT}: failed calls`),
        ],
      };
    } finally {
      await card.remove();
    }
  },
};
