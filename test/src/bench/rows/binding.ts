import { join } from 'node:path';
import { type StartedCard, startCard, stopCard, whyNotHere } from '@edgeslot/card';
import { byAddon, byPlainClient, type Travel, type Trips } from '../card-trips.js';
import { differenceFigure, ratioFigure } from '../figures.js';
import type { Figure, Row } from '../row.js';
import { median } from '../statistics.js';

const TRIPS = 1000;
const NOTE = '317,400 bytes in, 200,704 out, loopback';

/** What the addon adds to a card's round trip: against a client in plain C, in turns on the same virtual card. */
export const binding: Row = {
  name: 'binding',
  measure: async ({ compare, folder, say }) => {
    const reason = whyNotHere();
    if (reason !== undefined) return { notMeasured: reason };
    say('starts a virtual card');
    const directory = join(folder, 'card');
    const card = await startCard({ directory });
    try {
      const helpers = [Number(card.status.pid)];
      const figures: Figure[] = [];
      for (const depth of [1, 2]) {
        say(`${depth} at a time`);
        const addon = traveller(byAddon, card, depth);
        const client = traveller(byPlainClient, card, depth);
        const comparison = await compare({ subjects: { addon: addon.subject, 'C client': client.subject }, helpers });
        const note = `${NOTE}; addon ${addon.tell()}; C client ${client.tell()}`;
        figures.push(
          depth === 1
            ? differenceFigure(comparison, 'addon', 'C client', {
                what: "round trip, addon's p50 more than the C client's",
                goal: { atMost: 100 },
                note,
              })
            : ratioFigure(comparison, 'C client', 'addon', {
                what: "two at a time, addon's throughput / the C client's",
                goal: { atLeast: 0.95 },
                note,
              }),
        );
      }
      return { figures };
    } finally {
      await stopCard(directory);
    }
  },
};

/** A burst is so many trips; what counts of it is the median trip, or the time for each when several are on their way. */
function traveller(travel: Travel, card: StartedCard, depth: number) {
  const all: Trips[] = [];
  const subject = {
    burst: async () => {
      const trips = await travel(card, { trips: TRIPS, depth });
      all.push(trips);
      return depth === 1 ? trips.p50 : 1000 / trips.perSecond;
    },
  };
  const tell = () => {
    const of = (what: (trips: Trips) => number) => median(all.map(what));
    const micro = (ms: number) => `${(1000 * ms).toFixed(0)} µs`;
    return `p50 ${micro(of(({ p50 }) => p50))}, p99 ${micro(of(({ p99 }) => p99))}, ${of(({ perSecond }) => perSecond).toFixed(0)} per second`;
  };
  return { subject, tell };
}
