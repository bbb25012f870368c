import type { RuntimeEvent } from '@edgeslot/edge-runtime';
import type { RunView } from '../story/run-view.js';

/** What makes waiting for a first score useless, with what to do about it; `undefined` while there is hope. */
export function hopelessFailure(event: RuntimeEvent, view: RunView): string | undefined {
  if (event.type === 'module' && event.event === 'failed') {
    const text = event.text.replace(/ \(next try in [^)]*\)$/, '');
    const advice = / is taken by /.test(text)
      ? '; stop that process, or start with --host auto'
      : /is not an address of this machine/.test(text)
        ? '; name one of its addresses with --host, or `auto`'
        : '';
    return `${event.module}: ${text}${advice}`;
  }
  const { slot } = view;
  if (event.type === 'twin' && slot?.state === 'END' && slot.error !== undefined) {
    return `${view.scoringModule}: the model could not be loaded: ${slot.error}`;
  }
  return undefined;
}
