import { PythonError } from '@edgeslot/model-tools';
import { makeResNet50 } from '../resnet50.js';
import type { Row } from '../row.js';
import { median, quartiles } from '../statistics.js';
import { conditions, failedFigure, measureSwaps, swapFigure, twinsOf } from '../swaps.js';

const WHAT = 'int8 ResNet-50, emulator';

/** What a swap costs the callers: the longest time in which nobody was answered, less the median call. */
export const swap: Row = {
  name: 'swap',
  measure: async (context) => {
    const made = await makeResNet50(context).catch((error: unknown) => {
      if (error instanceof PythonError) return error;
      throw error;
    });
    if (made instanceof PythonError) return { notMeasured: made.message };
    context.say('swaps to and fro');
    const result = await measureSwaps(await twinsOf(made.modelsDir, made.int8));
    const blackouts = result.spans.map((span) => result.report.blackoutMs(span));
    const [low, high] = quartiles(blackouts);
    return {
      figures: [
        swapFigure(result, {
          what: `${WHAT}: blackout`,
          goal: { atMost: 100 },
          value: median(blackouts),
          unit: 'ms',
          spread: [low, high],
          note: conditions(result),
        }),
        swapFigure(result, {
          what: `${WHAT}: longest blackout`,
          goal: { atMost: 250 },
          value: Math.max(...blackouts),
          unit: 'ms',
          spread: [low, high],
          note: `of ${blackouts.length} swaps`,
        }),
        failedFigure(result, `${WHAT}: failed calls`),
      ],
    };
  },
};
