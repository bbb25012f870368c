import { indexOfMost } from './probabilities.js';

export interface ClassAgreement {
  readonly label: string;
  /** Answers of A that are this class. */
  readonly count: number;
  /** Those of them that B takes for it too. */
  readonly agreed: number;
}

export interface Disagreement {
  readonly a: string;
  readonly b: string;
  readonly count: number;
}

export interface AgreementReport {
  /** One for each picture; of a detector one for each anchor of each picture. */
  readonly answers: number;
  /** Share of the answers whose best class is the same; `null` when there were none. */
  readonly agreement: number | null;
  /** Of probabilities, over all classes of all answers. */
  readonly difference: { readonly mean: number; readonly largest: number; readonly file: string | null };
  /** A's lead of its best class over its second: where it is small, answers change easily. Not told of detectors. */
  readonly margin: { readonly median: number; readonly least: number } | null;
  /** Classes that A gave, in the order of the labels. */
  readonly classes: readonly ClassAgreement[];
  /** What B said where it said otherwise, most frequent first. */
  readonly confusion: readonly Disagreement[];
}

/** Gathers how often, and by how much, two models differ; answers come one by one. */
export class Agreement {
  #answers = 0;
  #sum = 0;
  #largest = 0;
  #file: string | null = null;
  readonly #margins: number[] = [];
  readonly #counts = new Map<number, Map<number, number>>();

  /** @param options `margins: false` for answers by the million, whose margins would not fit in memory */
  constructor(
    private readonly labels: readonly string[],
    private readonly options: { readonly margins: boolean } = { margins: true },
  ) {}

  /** Probabilities by class. Throws RangeError when they are not finite or not one per label. */
  add(file: string, a: Float32Array, b: Float32Array): void {
    for (const [name, values] of Object.entries({ first: a, second: b })) {
      if (values.length !== this.labels.length)
        throw new RangeError(`expected ${this.labels.length} classes, the ${name} model gave ${values.length}`);
      if (!values.every(Number.isFinite)) throw new RangeError(`the ${name} model gave numbers that are not finite`);
    }
    this.#answers++;
    for (const [index, value] of a.entries()) {
      const difference = Math.abs(value - b[index]!);
      this.#sum += difference;
      if (difference > this.#largest) [this.#largest, this.#file] = [difference, file];
    }
    const [said, other] = [indexOfMost(a), indexOfMost(b)];
    if (this.options.margins) this.#margins.push(a[said]! - second(a, said));
    const row = this.#counts.get(said) ?? new Map<number, number>();
    row.set(other, (row.get(other) ?? 0) + 1);
    this.#counts.set(said, row);
  }

  report(): AgreementReport {
    const rows = [...this.#counts].sort(([a], [b]) => a - b);
    const classes = rows.map(([said, row]) => ({
      label: this.labels[said]!,
      count: [...row.values()].reduce((sum, count) => sum + count, 0),
      agreed: row.get(said) ?? 0,
    }));
    const confusion = rows.flatMap(([said, row]) =>
      [...row]
        .filter(([other]) => other !== said)
        .map(([other, count]) => ({ a: this.labels[said]!, b: this.labels[other]!, count })),
    );
    const agreed = classes.reduce((sum, one) => sum + one.agreed, 0);
    const answers = this.#answers;
    const margins = this.#margins.sort((a, b) => a - b);
    return {
      answers,
      agreement: answers === 0 ? null : agreed / answers,
      difference: {
        mean: answers === 0 ? 0 : this.#sum / (answers * this.labels.length),
        largest: this.#largest,
        file: this.#file,
      },
      margin: margins.length === 0 ? null : { median: margins[margins.length >> 1]!, least: margins[0]! },
      classes,
      confusion: confusion.sort((one, two) => two.count - one.count),
    };
  }
}

function second(values: Float32Array, best: number): number {
  let most = 0;
  for (const [index, value] of values.entries()) if (index !== best && value > most) most = value;
  return most;
}
