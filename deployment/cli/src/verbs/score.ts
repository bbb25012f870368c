import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { CliError, errorCode, errorText, usageError } from '../cli-error.js';
import type { Context } from '../context.js';
import { DeviceTimes, deviceTimeLines } from '../device-time.js';
import { DRAWING } from '../draw-boxes.js';
import type { KnownModel } from '../labels.js';
import { explainRefusal, lookForScoring, Unreachable } from '../local-scoring.js';
import { hostAndPort, positiveInteger, share, withState } from '../options.js';
import type { ScoredPicture } from '../scored-picture.js';
import { detectionTable } from '../story/detection-table.js';
import { printable } from '../story/style.js';

/** Long enough to ride out a model swap, short enough for a person who mistyped the address. */
const RETRY_DELAYS_MS = [500, 1000, 2000, 4000];

interface ScoreOptions {
  readonly address?: string;
  readonly top: number;
  readonly threshold: number;
  readonly iou: number;
  readonly draw?: string;
  readonly json?: boolean;
  readonly deviceTime?: boolean;
  readonly model?: string;
  readonly labels?: string;
  readonly models?: string;
  readonly state: string;
}

export function addScore(program: Command, context: Context): void {
  withState(program.command('score'))
    .summary('score pictures: the best classes, or the objects in them')
    .description(
      'score pictures over gRPC: of a classifier `LABEL confidence: P`, best first; of a detector a table of objects ' +
        'with boxes in pixels. The model that answered goes to standard error',
    )
    .argument('<photo...>', 'JPEG, PNG or GIF files')
    .option(
      '--address <host:port>',
      "gRPC address (default: the running runtime's scoring module, else 127.0.0.1:50051)",
      hostAndPort,
    )
    .option('--top <n>', 'classifier: classes per picture', positiveInteger, 5)
    .option('--threshold <p>', 'detector: objects more probable than this', share, 0.5)
    .option('--iou <share>', 'detector: boxes of a class that overlap this much are one', share, 0.45)
    .option('--draw <file>', 'detector: write the picture with the boxes (.png, .jpg, .webp)')
    .option('--json', 'print the answers as JSON')
    .option('--device-time', 'add the time measured, and the modelled time on an accelerator card')
    .option('--model <id>', 'ask for this model; by default the one that is loaded answers')
    .option('--labels <file>', 'one label per line; by default those of the package in the models directory')
    .option('--models <dir>', 'models directory to find labels in (default: models in the state directory)')
    .action(async (photos: string[], options: ScoreOptions) => {
      context.exitCode = await score(photos, options, context);
    });
}

/** Every picture is tried; exit code 1 when one of them could not be scored. */
async function score(photos: readonly string[], options: ScoreOptions, context: Context): Promise<number> {
  checkDrawing(photos, options.draw);
  const { PredictionClient } = await import('@edgeslot/client');
  const { findModel, readLabelsFile } = await import('../labels.js');
  const { readScores } = await import('../scored-picture.js');
  const given = options.labels === undefined ? undefined : await readLabelsFile(options.labels);
  const modelsDir = resolve(options.models ?? join(options.state, 'models'));
  const local = options.address === undefined ? await lookForScoring(options.state) : undefined;
  const known = options.address ?? local?.address;
  const address = known ?? '127.0.0.1:50051';
  const client = new PredictionClient({
    address,
    // Nothing runs on this state directory: there is no swap to ride out.
    retryDelaysMs: known === undefined || local?.state ? [] : RETRY_DELAYS_MS,
    ...(options.model !== undefined && { model: options.model }),
  });
  const times = options.deviceTime ? new DeviceTimes(modelsDir) : undefined;
  const reported: object[] = [];
  let failed = 0;
  try {
    for (const photo of photos) {
      try {
        const bytes = await readPhoto(photo);
        const start = performance.now();
        const result = await client.scoreImage(bytes).catch(async (error) => {
          const now = options.address === undefined ? await lookForScoring(options.state) : undefined;
          throw explainRefusal(error, address, now ?? local);
        });
        const time = await times?.of(result.model, performance.now() - start);
        const found = await findModel(modelsDir, result.model);
        const about: KnownModel = { ...found, labels: given ?? found.labels };
        const { top, threshold, iou: iouThreshold } = options;
        const scored = await readScores(bytes, result, about, { top, threshold, iouThreshold });
        const model = `${result.model.name}:${result.model.version}`;
        const unlabelled =
          about.labels.length > 0
            ? ''
            : ' (labels unknown: name them with --labels FILE, or the package with --models DIR)';
        context.note(`${photo}: ${model}${unlabelled}`);
        const answer = 'picture' in scored ? scored.picture : scored;
        if (!options.json) print(scored, options, context);
        if (time && !options.json) for (const line of deviceTimeLines(time)) context.note(line);
        if (options.draw !== undefined) await draw(bytes, scored, model, options.draw, context);
        if (options.json) reported.push({ photo, model, ...answer, ...(time && { time }) });
      } catch (error) {
        failed++;
        context.note(`edgeslot: ${photo}: ${errorText(error)}`);
        if (options.json) reported.push({ photo, error: errorText(error) });
        if (error instanceof Unreachable) break;
      }
    }
  } finally {
    client.close();
  }
  if (options.json) context.out(JSON.stringify(reported, null, 2));
  return failed === 0 ? 0 : 1;
}

function checkDrawing(photos: readonly string[], file: string | undefined): void {
  if (file === undefined) return;
  if (photos.length > 1) throw usageError(`--draw ${file} takes one photo, not ${photos.length}`);
  if (!DRAWING.test(file)) throw usageError(`--draw ${file}: expected a name that ends in .png, .jpg or .webp`);
  if (resolve(file) === resolve(photos[0]!)) throw usageError(`--draw ${file} is the photo itself: name another file`);
}

function print(scored: ScoredPicture, { threshold }: ScoreOptions, context: Context): void {
  if ('classes' in scored) {
    for (const { label, confidence } of scored.classes) {
      context.out(`${printable(label)} confidence: ${confidence.toFixed(4)}`);
    }
  } else if (scored.picture.objects.length === 0) {
    context.note(`no objects more probable than ${threshold}; --threshold P asks for less`);
  } else {
    for (const line of detectionTable(context.paint, scored.picture.objects)) context.out(line);
  }
}

async function draw(
  bytes: Uint8Array,
  scored: ScoredPicture,
  model: string,
  file: string,
  context: Context,
): Promise<void> {
  if ('classes' in scored) throw new CliError(`--draw: ${model} tells classes of a whole picture, it has no boxes`);
  const { drawBoxes } = await import('../draw-boxes.js');
  let labelled: boolean;
  try {
    labelled = await drawBoxes(bytes, scored.picture, file);
  } catch (error) {
    const why = errorCode(error) === 'ENOENT' ? 'its folder does not exist' : errorText(error);
    throw new CliError(`--draw ${file} cannot be written: ${why}`);
  }
  const plain = labelled
    ? ''
    : ', without labels: this host has no fonts (on Debian: apt-get install fonts-dejavu-core)';
  context.note(`boxes drawn into ${file}${plain}`);
}

async function readPhoto(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = errorCode(error);
    throw new CliError(
      code === 'ENOENT'
        ? 'the file does not exist'
        : code === 'EISDIR'
          ? 'is a folder; expected a picture'
          : `cannot be read (${code})`,
    );
  }
}
