import { ReferenceScorer } from '../reference-scores.js';

/** Scores by class number; a door may tell only the best of them. */
export type Scores = ReadonlyMap<number, number>;

const TOLERANCE = 1e-4;

/** What each model answers to each picture, computed once by plain onnxruntime. */
export class ExpectedAnswers {
  private constructor(
    private readonly answers: ReadonlyMap<string, readonly Float32Array[]>,
    private readonly tolerance: number,
  ) {}

  /**
   * @param models ids, `name:version`, and the packages' directories
   * @param tolerance of one score; a card computes in half precision
   */
  static async of(
    models: readonly { readonly id: string; readonly directory: string }[],
    pictures: readonly Uint8Array[],
    tolerance = TOLERANCE,
  ): Promise<ExpectedAnswers> {
    const answers = new Map<string, Float32Array[]>();
    for (const { id, directory } of models) {
      const reference = await ReferenceScorer.open(directory);
      const scores: Float32Array[] = [];
      for (const picture of pictures) scores.push((await reference.scores(picture)).slice());
      await reference.close();
      answers.set(id, scores);
    }
    return new ExpectedAnswers(answers, tolerance);
  }

  /** What is wrong with an answer; nothing when it is the named model's, best class included. */
  fault(model: string, picture: number, scores: Scores): string | undefined {
    const expected = this.answers.get(model)?.[picture];
    if (!expected)
      return `${model} answered picture ${picture}; expected one of ${[...this.answers.keys()].join(', ')}`;
    const best = expected.indexOf(Math.max(...expected));
    if (!scores.has(best)) return `${model}, picture ${picture}: the best class, ${best}, is missing`;
    for (const [at, score] of scores) {
      const wanted = expected[at];
      if (wanted === undefined || !(Math.abs(score - wanted) <= this.tolerance)) {
        return `${model}, picture ${picture}, class ${at}: ${score}, expected ${wanted}`;
      }
    }
    return undefined;
  }
}
