import { Agreement, type AgreementReport } from '../evaluate/agreement.js';
import { DetectorAgreement, type DetectorReport } from '../evaluate/detector-agreement.js';
import { probabilities } from '../evaluate/probabilities.js';
import { type PictureFailure, type PictureRun, type RunnablePackage, runPictures } from '../evaluate/run-pictures.js';
import type { TaskProgress } from '../worker/progress.js';

export interface ComparePackagesOptions {
  readonly a: RunnablePackage;
  readonly b: RunnablePackage;
  readonly labels: readonly string[];
  readonly files: readonly string[];
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TaskProgress) => void;
}

export interface ComparedPackages {
  /** Pictures that both models answered. */
  readonly pictures: number;
  readonly failed: readonly PictureFailure[];
  readonly report: AgreementReport | DetectorReport;
}

/** Only for worker threads: it blocks. Rejects with the signal's reason when aborted. */
export async function comparePackages(options: ComparePackagesOptions): Promise<ComparedPackages> {
  const { a, b, labels, files, threads, signal, onProgress } = options;
  const detects = a.manifest.postprocessing.type === 'ssd';
  const classes = detects ? undefined : new Agreement(labels);
  const boxes = detects ? new DetectorAgreement(labels) : undefined;
  const add = ({ file, results }: PictureRun): PictureFailure | undefined => {
    const [one, other] = results.map(({ outputs }) => outputs);
    try {
      boxes?.add(file, one!, other!);
      const [first, second] = [a.manifest.postprocessing.type, b.manifest.postprocessing.type];
      classes?.add(file, probabilities(first, one!), probabilities(second, other!));
      return undefined;
    } catch (error) {
      return { file, reason: (error as Error).message };
    }
  };
  const failed: PictureFailure[] = [];
  let done = 0;
  for await (const run of runPictures({ packages: [a, b], files, threads, signal })) {
    const failure = 'reason' in run ? run : add(run);
    if (failure) failed.push(failure);
    onProgress({ phase: 'pictures', done: ++done, total: files.length, cached: 0 });
  }
  return { pictures: done - failed.length, failed, report: (boxes ?? classes)!.report() };
}
