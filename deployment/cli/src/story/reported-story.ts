import { type ReportedSlot, readLease, readRefusals } from './reported-twin.js';
import type { RunView } from './run-view.js';
import { leaseText } from './status-table.js';
import { type Paint, printable } from './style.js';
import { swapText } from './swap-lines.js';

type Say = (who: string, texts: readonly string[]) => string[];

/** What the scoring module reports, told once for each change: device, slot, ends of wishes, lease, refusals. */
export class ReportedStory {
  #device = '';
  #slot = '';
  #swap: number | undefined;
  #lease = '';
  #refusals = '';

  constructor(private readonly paint: Paint) {}

  /** The module has started anew: all of it is news. */
  forget(): void {
    this.#device = '';
    this.#slot = '';
    this.#swap = undefined;
    this.#lease = '';
    this.#refusals = '';
  }

  tell(view: RunView, say: Say): string[] {
    return [
      ...this.#deviceLines(view, say),
      ...this.#leaseLines(view, say),
      ...this.#slotLines(view.slot, say),
      ...this.#swapLines(view.slot, say),
      ...this.#refusalLines(view, say),
    ];
  }

  #deviceLines({ device }: RunView, say: Say): string[] {
    const chosen = JSON.stringify(device ?? '');
    if (!device || chosen === this.#device) return [];
    this.#device = chosen;
    const what = device.description === undefined ? '' : `, ${printable(device.description)}`;
    const texts = [`${this.paint('accent', device.kind)}${what}`];
    if (device.reason) texts.push(`because ${printable(device.reason)}`);
    return say('device', texts);
  }

  #leaseLines(view: RunView, say: Say): string[] {
    const lease = readLease(reportedOf(view));
    if (!lease || lease.state === 'none' || lease.text === this.#lease) return [];
    this.#lease = lease.text;
    return say('lease', [leaseText(this.paint, lease)]);
  }

  #slotLines(slot: ReportedSlot | undefined, say: Say): string[] {
    const held = JSON.stringify([slot?.state, slot?.model, slot?.error]);
    // Before the first wish the slot has nothing to tell.
    if (!slot || held === this.#slot || (slot.model ?? slot.error) === undefined) return [];
    this.#slot = held;
    const tone = slot.state === 'AVAILABLE' ? 'good' : slot.error ? 'bad' : 'dim';
    const texts = [`${this.paint('accent', slot.model ?? 'no model')} ${this.paint(tone, slot.state)}`];
    if (slot.error) texts.push(this.paint('bad', printable(slot.error)));
    return say('slot', texts);
  }

  /** What a module loads at its start replaces nothing, and the slot has told it. */
  #swapLines(slot: ReportedSlot | undefined, say: Say): string[] {
    const swap = slot?.lastSwap;
    if (!swap || swap.id === this.#swap) return [];
    this.#swap = swap.id;
    const text = swap.from === undefined ? undefined : swapText(this.paint, swap, slot.error);
    return text ? say('swap', [text]) : [];
  }

  #refusalLines(view: RunView, say: Say): string[] {
    // Why a model is not there is the slot's story.
    const refused = readRefusals(reportedOf(view)).filter((text) => !(view.slot?.error && text.startsWith('model ')));
    const refusals = refused.join('; ');
    if (refusals === this.#refusals) return [];
    this.#refusals = refusals;
    return refusals === '' ? [] : say(view.scoringModule!, [this.paint('bad', `twin: ${printable(refusals)}`)]);
  }
}

function reportedOf(view: RunView): unknown {
  return view.scoringModule === undefined ? undefined : view.reported(view.scoringModule);
}
