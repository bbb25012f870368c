import { randomUUID } from 'node:crypto';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { CardReport, DeviceInfo } from '../device/device.js';
import type { ErrorCode } from '../errors.js';
import type { ModelId } from '../model/model-id.js';
import type { ScoreReply } from '../scoring/scorer.js';
import type { SlotState, SlotStateName, SwapOutcome } from '../slot/slot-state.js';

export type Door = 'grpc' | 'http';

/** The end of one call at a door. The model is the one that answered; a caller's own words never become a label. */
export interface CallOutcome {
  readonly door: Door;
  readonly code: 'OK' | ErrorCode;
  readonly seconds: number;
  readonly reply?: ScoreReply;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const STATES: readonly SlotStateName[] = ['START', 'LOADING', 'AVAILABLE', 'UNLOADING', 'END'];

/** The module's Prometheus metrics, with the labels that the Edge runtime's own metrics carry. */
export class Metrics {
  readonly registry = new Registry();
  readonly #calls: Counter<'door' | 'code' | 'model_name' | 'version'>;
  readonly #duration: Histogram<'door' | 'model_name' | 'version'>;
  readonly #stages: Histogram<'stage' | 'model_name' | 'version'>;
  readonly #state: Gauge<'state'>;
  readonly #model: Gauge<'model_name' | 'version'>;
  readonly #swaps: Counter<'result'>;

  /** `env` gives the labels `iothub` and `edge_device` under the Edge runtime. */
  constructor(env: Readonly<Record<string, string | undefined>> = {}) {
    this.registry.setDefaultLabels({
      iothub: env.IOTEDGE_IOTHUBHOSTNAME ?? '',
      edge_device: env.IOTEDGE_DEVICEID ?? '',
      instance_number: randomUUID(),
    });
    collectDefaultMetrics({ register: this.registry });
    const registers = [this.registry];
    this.#calls = new Counter({
      name: 'edgeslot_requests_total',
      help: 'Calls answered, by door and by the code of their answer.',
      labelNames: ['door', 'code', 'model_name', 'version'],
      registers,
    });
    this.#duration = new Histogram({
      name: 'edgeslot_request_duration_seconds',
      help: 'Time from a scored call at the door to its answer.',
      labelNames: ['door', 'model_name', 'version'],
      buckets: SECONDS,
      registers,
    });
    this.#stages = new Histogram({
      name: 'edgeslot_stage_duration_seconds',
      help: 'Time that a scored call spent in each stage.',
      labelNames: ['stage', 'model_name', 'version'],
      buckets: SECONDS,
      registers,
    });
    this.#state = new Gauge({
      name: 'edgeslot_slot_state',
      help: 'One for the state that the slot is in, zero for the others.',
      labelNames: ['state'],
      registers,
    });
    this.#model = new Gauge({
      name: 'edgeslot_model_info',
      help: 'One for the model that the slot speaks of.',
      labelNames: ['model_name', 'version'],
      registers,
    });
    this.#swaps = new Counter({
      name: 'edgeslot_swaps_total',
      help: 'Wishes for a model, by how they ended.',
      labelNames: ['result'],
      registers,
    });
  }

  /** Waiting and running calls, read when the metrics are. */
  queue(counters: () => { readonly waiting: number; readonly inFlight: number }): void {
    const registers = [this.registry];
    new Gauge({
      name: 'edgeslot_queue_length',
      help: 'Calls that wait for the device.',
      registers,
      collect() {
        this.set(counters().waiting);
      },
    });
    new Gauge({
      name: 'edgeslot_device_in_flight',
      help: 'Calls that the device is working on.',
      registers,
      collect() {
        this.set(counters().inFlight);
      },
    });
  }

  /** The device's kind, its lanes and their threads, read when the metrics are. */
  device(info: () => Pick<DeviceInfo, 'kind' | 'lanes' | 'threadsPerLane'>): void {
    const registers = [this.registry];
    new Gauge({
      name: 'edgeslot_device_info',
      help: 'One for the kind of device in use.',
      labelNames: ['kind'],
      registers,
      collect() {
        this.reset();
        this.set({ kind: info().kind }, 1);
      },
    });
    new Gauge({
      name: 'edgeslot_device_lanes',
      help: 'Frames that the device works on at once.',
      registers,
      collect() {
        this.set(info().lanes);
      },
    });
    new Gauge({
      name: 'edgeslot_device_lane_threads',
      help: 'Threads of each lane.',
      registers,
      collect() {
        this.set(info().threadsPerLane);
      },
    });
  }

  /** What is known of the cards, in use or not, read when the metrics are. */
  cards(reports: () => readonly CardReport[]): void {
    const registers = [this.registry];
    const gauge = (name: string, help: string, read: (card: CardReport) => number | undefined) =>
      new Gauge({
        name,
        help,
        labelNames: ['path'],
        registers,
        collect() {
          this.reset();
          for (const card of reports()) {
            const value = read(card);
            if (value !== undefined) this.set({ path: card.path }, value);
          }
        },
      });
    gauge('edgeslot_card_temperature_celsius', 'Temperature that an open card reports.', (card) => card.temperature);
    gauge('edgeslot_card_failures', 'Times that a card lost its model or did not take one.', (card) => card.failures);
    gauge('edgeslot_card_resets', 'Resets of a card after a failure.', (card) => card.resets);
    gauge(
      'edgeslot_card_stale_answers',
      'Answers to requests of a former owner, dropped.',
      (card) => card.staleAnswers,
    );
  }

  call({ door, code, seconds, reply }: CallOutcome): void {
    const model = modelLabels(reply?.model.id);
    this.#calls.inc({ door, code, ...model });
    if (!reply) return;
    this.#duration.observe({ door, ...model }, seconds);
    const { total: _total, ...stages } = reply.timings;
    for (const [stage, ms] of Object.entries(stages)) this.#stages.observe({ stage, ...model }, ms / 1000);
  }

  slot({ state, model }: SlotState): void {
    for (const name of STATES) this.#state.set({ state: name }, name === state ? 1 : 0);
    this.#model.reset();
    if (model) this.#model.set(modelLabels(model), 1);
  }

  swap({ result }: SwapOutcome): void {
    this.#swaps.inc({ result });
  }
}

function modelLabels(id: ModelId | undefined): { model_name: string; version: string } {
  return { model_name: id?.name ?? '', version: id ? String(id.version) : '' };
}
