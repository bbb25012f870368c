import type { MadeMsFp, MsFpProgress } from '@edgeslot/model-tools';
import { CliError, errorText, usageError } from '../cli-error.js';
import type { Context } from '../context.js';
import { modelsDirOf, type WhereModels } from '../models-dir.js';
import { StopSignals } from '../session/stop-signals.js';
import { formatBytes } from '../story/columns.js';
import { progressBar } from '../story/progress-bar.js';
import { StoryTerminal } from '../story/terminal.js';
import { readTags } from '../tags.js';
import { compareAndPrint } from './model-compare.js';
import { registeredLine } from './model-register.js';

export interface MsFpVerbOptions extends WhereModels {
  readonly images?: string;
  readonly name?: string;
  readonly tag?: readonly string[];
  readonly format: string;
  readonly mantissa?: number;
  readonly block?: number;
  readonly activations?: boolean;
  readonly json?: boolean;
}

/** `model quantize --numerics ms-fp`: what a card computes with. Pictures are needed only to see what it changes. */
export async function quantizeMsFp(context: Context, id: string, options: MsFpVerbOptions): Promise<void> {
  const { images, json = false } = options;
  const modelsDir = modelsDirOf(options);
  const { findPictures } = await import('@edgeslot/model-tools');
  try {
    // Before anything is registered.
    if (images !== undefined) await findPictures(images);
    const made = await round(context, id, options);
    const { manifest, products, weights } = made;
    if (json && images === undefined) context.out(JSON.stringify(made, null, 2));
    if (!json) {
      context.out(`Rounded ${weights} weights of ${products} convolutions and matrix products`);
      context.out(registeredLine(manifest));
    }
    if (images === undefined) return;
    await compareAndPrint(context, manifest.parent!, `${manifest.name}:${manifest.version}`, {
      modelsDir,
      images,
      json,
    });
  } catch (error) {
    throw error instanceof RangeError ? usageError(errorText(error)) : error;
  }
}

async function round(context: Context, id: string, options: MsFpVerbOptions): Promise<MadeMsFp> {
  const { makeMsFp } = await import('@edgeslot/model-tools');
  const { name, format, mantissa, block, activations = false } = options;
  const signals = new StopSignals();
  const terminal = new StoryTerminal(context.stderr, context.env);
  let text = 'reading the model';
  const onProgress = ({ done, total }: MsFpProgress) => {
    text = progressBar(done, total, `rounding weights, ${formatBytes(done)} of ${formatBytes(total)}`);
  };
  try {
    terminal.startStatus(() => text, 'quantize');
    return await makeMsFp({
      ...{ modelsDir: modelsDirOf(options), model: id, format, activations, onProgress, signal: signals.stop },
      tags: readTags(options.tag),
      ...(name !== undefined && { name }),
      ...(mantissa !== undefined && { mantissaBits: mantissa }),
      ...(block !== undefined && { block }),
    });
  } catch (error) {
    if (signals.stop.aborted) throw new CliError(`stopped by ${signals.stop.reason}; nothing was registered`);
    throw error;
  } finally {
    terminal.stopStatus();
    signals.dispose();
  }
}
