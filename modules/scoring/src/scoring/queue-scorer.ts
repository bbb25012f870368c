import type { Device } from '../device/device.js';
import { asScoringError, type ScoringError, scoringError } from '../errors.js';
import { formatModelId } from '../model/model-id.js';
import type { Package } from '../model/package.js';
import { DEFAULT_LIMITS, type PictureLimits } from '../preprocess/limits.js';
import type { Slot } from '../slot/slot.js';
import type { SlotState } from '../slot/slot-state.js';
import { AdmissionQueue, DEFAULT_QUEUE_LIMITS, type QueueLimits, type Waiting } from './admission-queue.js';
import { checkPictures, checkTensor, inputBytes, isFor, servableNotFound } from './check-request.js';
import { Counters, type ScoringCounters } from './counters.js';
import type { ScoreReply, ScoreRequest, Scorer } from './scorer.js';

export interface QueueScorerOptions {
  readonly device: Device;
  readonly slot: Slot;
  /** Read at each call. */
  readonly queue?: () => Partial<QueueLimits>;
  readonly pictures?: PictureLimits;
}

interface Call extends Waiting {
  readonly request: ScoreRequest;
  readonly since: number;
  readonly resolve: (reply: ScoreReply) => void;
}

/**
 * Brings the doors' calls to the device: checks what can be checked at once, queues, and keeps the device fed with as
 * many frames as it takes. During a swap the calls wait in the queue, under the same bound and their own deadlines.
 */
export class QueueScorer implements Scorer {
  readonly #device: Device;
  readonly #slot: Slot;
  readonly #pictures: PictureLimits;
  readonly #queue: AdmissionQueue<Call>;
  readonly #counters = new Counters();
  readonly #unlisten: () => void;
  #everAvailable: boolean;
  #closed = false;

  constructor(options: QueueScorerOptions) {
    this.#device = options.device;
    this.#slot = options.slot;
    this.#pictures = options.pictures ?? DEFAULT_LIMITS;
    this.#queue = new AdmissionQueue(() => ({ ...DEFAULT_QUEUE_LIMITS, ...options.queue?.() }));
    this.#everAvailable = this.#slot.state.state === 'AVAILABLE';
    this.#unlisten = this.#slot.onState((state) => this.#onState(state));
  }

  get counters(): ScoringCounters {
    return this.#counters.snapshot(this.#queue.length);
  }

  async score(request: ScoreRequest): Promise<ScoreReply> {
    this.#counters.received++;
    const since = performance.now();
    try {
      this.#check(request);
    } catch (error) {
      throw this.#counted(error);
    }
    return new Promise<ScoreReply>((resolve, reject) => {
      const refuse = (error: ScoringError) => reject(this.#counted(error));
      const { deadline, signal, camera, input } = request;
      try {
        this.#queue.push({ request, since, deadline, signal, camera, bytes: inputBytes(input), resolve, refuse });
      } catch (error) {
        refuse(asScoringError(error));
        return;
      }
      this.#feed();
    });
  }

  serving(model?: ScoreRequest['model']): Package {
    this.#checkModel(model);
    const { current, state, pending } = this.#slot;
    if (current && isFor(model, current)) return current;
    // While another model serves, the one that was asked for is wished for and not yet begun to load.
    const [shown, awaited] = current ? (['START', pending] as const) : ([state.state, state.model ?? pending] as const);
    throw scoringError('SLOT_NOT_AVAILABLE', shown, awaited ? formatModelId(awaited) : 'no model');
  }

  /** Refuses what waits and what comes; what is in the device is answered. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#unlisten();
    this.#queue.sweep(() => scoringError('STOPPING'));
  }

  /** Everything that need not wait, so that a caller's own fault is told at once. */
  #check({ model, input }: ScoreRequest): void {
    this.#checkModel(model);
    checkPictures(input, this.#pictures);
    const { current } = this.#slot;
    if (current && isFor(model, current)) checkTensor(input, current);
  }

  /** That the model is there, or will be when a swap ends. */
  #checkModel(model: ScoreRequest['model']): void {
    if (this.#closed) throw scoringError('STOPPING');
    if (model && !this.#slot.mayServe(model) && this.#slot.state.state !== 'START') {
      throw servableNotFound(model);
    }
    const unavailable = this.#unavailable(this.#slot.state);
    if (unavailable) throw unavailable;
  }

  /** Why nothing can be admitted now; a swap is no reason, because it ends. */
  #unavailable({ state, model, error }: SlotState): ScoringError | undefined {
    const pending = this.#slot.pending ?? model;
    if (state === 'END') {
      const failed = error?.model ?? (pending ? formatModelId(pending) : 'of this module');
      return scoringError('SLOT_FAILED', failed, error?.text ?? 'the module is stopping');
    }
    if (this.#everAvailable) return undefined;
    return scoringError('SLOT_NOT_AVAILABLE', state, pending ? formatModelId(pending) : 'no model');
  }

  #onState(state: SlotState): void {
    if (state.state === 'AVAILABLE') this.#everAvailable = true;
    const unavailable = this.#unavailable(state);
    this.#queue.sweep(({ request: { model } }) => {
      if (unavailable) return unavailable;
      return model && !this.#slot.mayServe(model) ? servableNotFound(model) : undefined;
    });
    this.#feed();
  }

  #feed(): void {
    while (this.#counters.inFlight < this.#device.capacity) {
      const handle = this.#slot.acquire();
      if (!handle) return;
      const call = this.#queue.take(({ request }) => isFor(request.model, handle.model));
      if (!call) {
        handle.release();
        return;
      }
      this.#counters.inFlight++;
      void this.#run(call, handle.model).finally(() => {
        handle.release();
        this.#feed();
      });
    }
  }

  async #run(call: Call, model: ScoreReply['model']): Promise<void> {
    const start = performance.now();
    try {
      checkTensor(call.request.input, model);
      const { outputs, timings } = await this.#device.score(call.request.input);
      const end = performance.now();
      this.#counters.inFlight--;
      this.#counters.scored++;
      call.resolve({
        model,
        outputs,
        timings: { ...timings, queue: start - call.since, total: end - call.since },
      });
    } catch (error) {
      this.#counters.inFlight--;
      call.refuse(asScoringError(error));
    }
  }

  #counted(error: unknown): ScoringError {
    const known = asScoringError(error);
    this.#counters.fail(known.code);
    return known;
  }
}
