import type { DemoModels, DemoProgress } from '@edgeslot/model-tools';
import { CliError, errorText } from '../cli-error.js';
import type { StoryTerminal } from '../story/terminal.js';

const PHASES: Readonly<Record<DemoProgress['phase'], string>> = {
  weights: 'seeding the network',
  render: 'drawing belt frames',
  features: 'reading features',
  train: 'training the heads',
  publish: 'publishing the packages',
};
const BAR = 24;

/** `[==========              ]  42 %  reading features 168/400`. */
export function progressText({ phase, done, total }: DemoProgress): string {
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
  const filled = Math.round(share * BAR);
  const bar = `[${'='.repeat(filled)}${' '.repeat(BAR - filled)}]`;
  return `${bar} ${String(Math.round(share * 100)).padStart(3)} %  ${PHASES[phase]} ${done}/${total}`;
}

/** Makes the demo models where they are missing: a bar on a terminal, one line per step elsewhere. */
export async function makeDemoModels(
  modelsDir: string,
  terminal: StoryTerminal,
  signal: AbortSignal,
): Promise<DemoModels> {
  const { ensureDemoModels } = await import('@edgeslot/model-tools');
  let phase: DemoProgress['phase'] | undefined;
  let progress: DemoProgress | undefined;
  const onProgress = (now: DemoProgress) => {
    if (progress === undefined) {
      terminal.print(['models    making the two demo models: once, about a minute']);
      if (terminal.interactive) terminal.startStatus(() => (progress ? progressText(progress) : ''));
    }
    progress = now;
    if (now.phase !== phase && !terminal.interactive) terminal.print([`models    ${PHASES[now.phase]}`]);
    phase = now.phase;
  };
  try {
    return await ensureDemoModels({ modelsDir, onProgress, signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new CliError(`the demo models could not be made in ${modelsDir}: ${errorText(error)}`, 1, { cause: error });
  } finally {
    terminal.stopStatus();
  }
}

/** `belt-object:1 (empty belt, …): 99.2 % of 120 unseen frames right`. */
export function modelLines({ models }: DemoModels): string[] {
  return models.map(({ id, accuracy, measuredOn, classes }) => {
    const share = `${(accuracy * 100).toFixed(1)} % of ${measuredOn} unseen frames right`;
    return `${id}  ${share}  (${classes.join(', ')})`;
  });
}
