import type { DeviceTime } from '@edgeslot/model-tools';
import { errorText } from './cli-error.js';

export interface ScoredTime {
  /** From the request to its answer, as this command saw it. */
  readonly measuredMs: number;
  /** Of the featurizer alone; absent when it cannot be told, and `why` says so. */
  readonly card?: DeviceTime;
  readonly why?: string;
}

/** Models the time on a card of the models that answer; each package is read once. */
export class DeviceTimes {
  readonly #known = new Map<string, Promise<Omit<ScoredTime, 'measuredMs'>>>();

  constructor(private readonly modelsDir: string) {}

  async of({ name, version }: { name: string; version: number }, measuredMs: number): Promise<ScoredTime> {
    const id = `${name}:${version}`;
    const known = this.#known.get(id) ?? this.#model(id);
    this.#known.set(id, known);
    return { measuredMs, ...(await known) };
  }

  async #model(id: string): Promise<Omit<ScoredTime, 'measuredMs'>> {
    const { modelDeviceTime, showModel } = await import('@edgeslot/model-tools');
    try {
      const { directory, manifest } = await showModel(this.modelsDir, id);
      return { card: await modelDeviceTime(directory, manifest) };
    } catch (error) {
      return { why: errorText(error) };
    }
  }
}

/** What `score --device-time` prints: which time was measured, and which only a model of the card says. */
export function deviceTimeLines({ measuredMs, card, why }: ScoredTime): string[] {
  return [
    `time measured: ${measuredMs.toFixed(1)} ms from request to answer`,
    card
      ? `time on the card, modelled: about ${card.ms.toFixed(1)} ms for the featurizer; ${basisText(card)}`
      : `time on the card: cannot be modelled, ${why}; --models DIR names the folder with the model's package`,
  ];
}

function basisText({ basis, uncertaintyPercent, cycles, tiles }: DeviceTime): string {
  if (basis === 'reported')
    return 'as reported of ResNet-50 on an Arria 10 (Fowers et al., ISCA 2018), not measured here';
  const rough = uncertaintyPercent === null ? '' : `, ±${uncertaintyPercent} %`;
  return `not measured${rough}: ${tiles} tiles, ${cycles} cycles at 300 MHz, times 1.58 as for the 1.8 ms reported of ResNet-50`;
}
