import type { RuntimeEvent } from '@edgeslot/edge-runtime';
import { storyLine, underLine, wrap } from './columns.js';
import { frameText, runText } from './frame-line.js';
import type { FrameMessage } from './frame-message.js';
import { FrameRuns, type ShownFrames } from './frame-runs.js';
import { isNodeRemark, parseLogLine } from './log-line.js';
import { moduleTexts } from './module-lines.js';
import { ReportedStory } from './reported-story.js';
import type { RunView } from './run-view.js';
import { type Paint, printable } from './style.js';

export interface StoryOptions {
  readonly paint: Paint;
  /** Most severe number that is still shown: 4 leaves warnings and errors, 7 everything. */
  readonly logSeverity: number;
  /** Columns of a text beside the time and the name; longer ones go on in the next line. */
  readonly columns: () => number;
  /** The manifest that the head of the story has named already. */
  readonly announced?: string;
}

const MODULE_ENDS: ReadonlySet<string> = new Set(['started', 'stopped', 'exited', 'removed']);

/** Turns the runtime's events into lines for a person; each change of device, slot or twin is told once. */
export class Story {
  readonly #runs = new FrameRuns();
  readonly #reported: ReportedStory;

  constructor(
    private readonly view: RunView,
    private readonly options: StoryOptions,
  ) {
    this.#reported = new ReportedStory(options.paint);
  }

  /** The lines of an event that the view has taken in already, with the frame it brought. */
  lines(event: RuntimeEvent, frame: FrameMessage | undefined): string[] {
    const time = new Date(event.time);
    if (frame && event.type === 'message')
      return this.#frames(time, this.#runs.take(event.module, frame, time.getTime()));
    return [...this.#endedRuns(event, time), ...this.#own(event, time)];
  }

  /** Lines of frames that were held back for long enough, though nothing happens. */
  overdue(time: Date): string[] {
    return this.#frames(time, this.#runs.overdue(time.getTime()));
  }

  #own(event: RuntimeEvent, time: Date): string[] {
    const say = (who: string, texts: readonly string[]) => this.#say(time, who, texts);
    switch (event.type) {
      case 'deployment':
        return say('manifest', [this.#deployment(event)]);
      case 'module':
        if (event.event === 'started') this.#forget(event.module);
        return say(event.module, moduleTexts(this.options.paint, event));
      case 'twin':
        return event.section === 'reported' && event.module === this.view.scoringModule
          ? this.#reported.tell(this.view, say)
          : [];
      case 'log':
        return this.#log(event, say);
      case 'stopping':
        return say('runtime', [`stopping: ${event.reason}`]);
      default:
        return [];
    }
  }

  /** A camera that ends or starts anew ends its run of frames, and so does the end of everything. */
  #endedRuns(event: RuntimeEvent, time: Date): string[] {
    if (event.type === 'stopped') return this.#frames(time, this.#runs.end());
    const ends = event.type === 'module' && MODULE_ENDS.has(event.event);
    return ends ? this.#frames(time, this.#runs.end(event.module)) : [];
  }

  #frames(time: Date, shown: readonly ShownFrames[]): string[] {
    const { paint } = this.options;
    return shown.flatMap((each) =>
      'run' in each
        ? this.#say(time, each.run.camera, [runText(paint, each.run)])
        : this.#say(time, each.frame.camera, [frameText(paint, each.frame)]),
    );
  }

  #say(time: Date, who: string, texts: readonly string[]): string[] {
    const { paint, columns } = this.options;
    return texts
      .flatMap((text) => wrap(text, columns()))
      .map((text, row) => (row === 0 ? storyLine(paint, time, who, text) : underLine(text)));
  }

  #deployment(event: Extract<RuntimeEvent, { type: 'deployment' }>): string {
    const { paint } = this.options;
    const { code, description } = event.status;
    const name = event.source === this.options.announced ? '' : `${paint('strong', event.source)}, `;
    const taken = `${name}version ${event.version}`;
    if (code === 200) return `${taken} ${paint('good', 'accepted')}`;
    return `${taken} ${paint('bad', `refused (${code}): ${printable(description)}`)}`;
  }

  #forget(module: string): void {
    if (module === this.view.scoringModule) this.#reported.forget();
  }

  #log(
    event: Extract<RuntimeEvent, { type: 'log' }>,
    say: (who: string, texts: readonly string[]) => string[],
  ): string[] {
    const { paint, logSeverity } = this.options;
    const line = parseLogLine(event.line);
    if (isNodeRemark(event.line) || line.text.trim() === '') return [];
    // What a module writes on standard error without a severity is what Node writes when it falls.
    const severity = !line.formatted && event.stream === 'stderr' ? 3 : line.severity;
    if (severity > logSeverity) return [];
    const text = printable(line.text);
    const tone = severity <= 3 ? 'bad' : severity === 4 ? 'warn' : 'dim';
    return say(event.module, [paint(tone, text)]);
  }
}
