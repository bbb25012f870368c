import type { DamagedModel, DemoModel, DemoModels, DemoProgress } from '@edgeslot/model-tools';
import type { ModelId } from '@edgeslot/scoring/model';
import { CliError, errorText } from '../cli-error.js';
import { formatBytes, storyLine } from '../story/columns.js';
import { progressBar } from '../story/progress-bar.js';
import { printable } from '../story/style.js';
import type { StoryTerminal } from '../story/terminal.js';

const PHASES: Readonly<Record<DemoProgress['phase'], string>> = {
  weights: 'seeding the network',
  render: 'drawing belt frames',
  features: 'reading features',
  train: 'training the heads',
  publish: 'publishing the packages',
};

/** `[==========              ]  42 %  reading features, 168 of 400`. */
export function progressText({ phase, done, total }: DemoProgress): string {
  const amount = phase === 'weights' ? formatBytes(done) : `${done} of ${total}`;
  return progressBar(done, total, `${PHASES[phase]}, ${amount}`);
}

/** Changes with every step and every quarter of it: often enough to see that it goes on. */
function quarterOf(progress: DemoProgress | undefined): string {
  return progress === undefined
    ? ''
    : `${progress.phase} ${Math.floor((4 * progress.done) / Math.max(1, progress.total))}`;
}

/**
 * Makes the demo models where they are missing: a bar on a terminal, one line per step elsewhere. Those that they
 * replace go, unless a runtime uses them.
 */
export async function makeDemoModels(
  stateDir: string,
  modelsDir: string,
  terminal: StoryTerminal,
  signal: AbortSignal,
): Promise<DemoModels> {
  const { ensureDemoModels } = await import('@edgeslot/model-tools');
  const { modelUsers } = await import('../model-users.js');
  const say = (text: string) => terminal.print([storyLine(terminal.paint, new Date(), 'models', text)]);
  let progress: DemoProgress | undefined;
  const onProgress = (now: DemoProgress) => {
    if (progress === undefined) {
      say('making demo models; this is done once and takes a minute or more');
      if (terminal.interactive) terminal.startStatus(() => (progress ? progressText(progress) : ''));
    }
    if (!terminal.interactive && quarterOf(now) !== quarterOf(progress)) say(progressText(now));
    progress = now;
  };
  const onDamaged = ({ id, text }: DamagedModel) =>
    say(terminal.paint('warn', `${id} was altered and is made anew as the next version: ${faultText(text)}`));
  const usersOf = (model: ModelId) => modelUsers(stateDir, modelsDir, model);
  try {
    return await ensureDemoModels({ modelsDir, usersOf, onProgress, onDamaged, signal });
  } catch (error) {
    if (signal.aborted) throw new Interrupted();
    throw new CliError(`the demo models could not be made in ${modelsDir}: ${errorText(error)}`, 1, { cause: error });
  } finally {
    terminal.stopStatus();
  }
}

/** What was found, without the advice that follows it, and digests as short as people compare them. */
export function faultText(text: string): string {
  const [found = text] = text.split(/\. (?=[A-Z])/);
  return printable(found).replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1…');
}

/** Ctrl-C before there was anything to stop. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** `belt-object:1   99.2 % of 120 unseen frames right  (empty belt, …)`, and what became of earlier ones. */
export function modelLines({ models, removed }: DemoModels): string[] {
  const lines = models.map((model) =>
    [model.id, ...accuracyOf(model), ...(model.classes.length > 0 ? [`(${model.classes.join(', ')})`] : [])].join('  '),
  );
  const own = models.flatMap(({ id, own }) => (own ? ownLines(id) : []));
  return [...lines, ...own, ...(removed.length > 0 ? [`removed ${removed.join(', ')}: newer ones replace them`] : [])];
}

function accuracyOf({ accuracy, measuredOn, own }: DemoModel): string[] {
  if (accuracy === undefined || measuredOn === undefined) return [];
  const pictures = own ? 'pictures set aside' : 'unseen frames';
  return [`${(accuracy * 100).toFixed(1).padStart(5)} % of ${measuredOn} ${pictures} right`];
}

function ownLines(id: string): string[] {
  return [
    `${id} is yours and newer than the demo's: it is what is served`,
    `the demo's comes back with: npx edgeslot model delete ${id}`,
  ];
}
