import { createLog, type Log } from '@edgeslot/edge-module/log';
import type { CameraFrame } from './camera-frame.js';
import { type Config, LiveSettings } from './config/index.js';
import { surveyCards } from './device/card-survey.js';
import { Catapult } from './device/catapult.js';
import type { Device, DeviceSelection } from './device/device.js';
import { Emulator } from './device/emulator.js';
import { selectDevice } from './device/select.js';
import type { DoorContext } from './door-context.js';
import { asScoringError, scoringError } from './errors.js';
import { GrpcDoor } from './grpc/grpc-door.js';
import { HttpDoor } from './http/http-door.js';
import { type Lease, openLease } from './lease/index.js';
import { formatModelId } from './model/model-id.js';
import { openPackage } from './model/open-package.js';
import { Metrics } from './observe/metrics.js';
import { createMetricsServer } from './observe/metrics-server.js';
import { watchSlot } from './observe/watch-slot.js';
import { portTaken } from './port-taken.js';
import type { PictureLimits } from './preprocess/limits.js';
import { QueueScorer } from './scoring/queue-scorer.js';
import { LaneChanges } from './slot/lane-changes.js';
import { Readiness } from './slot/readiness.js';
import { Slot, type SlotOptions } from './slot/slot.js';
import type { SwapOutcome } from './slot/slot-state.js';

/** In-flight calls get this long to end; with the device's drain it stays within the 8 seconds of a graceful stop. */
const STOP_GRACE_MS = 3000;

export interface ServerDependencies {
  readonly log?: Log;
  /** Labels of the metrics come from it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly selectDevice?: (config: Config, settings: LiveSettings, epoch?: () => number) => Promise<DeviceSelection>;
  /** Called once the ports are bound: gives the configuration that device, slot and queue are made from. */
  readonly configure?: (config: Config) => Promise<Config>;
}

/** The whole house without a hub: doors, queue, slot, device. */
export interface ScoringServer {
  /** `host:port` of each door, as bound. */
  readonly addresses: { readonly grpc: string; readonly http: string; readonly metrics: string };
  readonly selection: DeviceSelection;
  readonly settings: LiveSettings;
  readonly slot: Slot;
  /** Absent without a lease directory. */
  readonly lease?: Lease;
  readonly lanes: LaneChanges;
  readonly scorer: QueueScorer;
  readonly metrics: Metrics;
  /** How the wish for the configured model ended; absent without one. Never rejects. */
  readonly firstModel?: Promise<SwapOutcome>;
  /** Calls `listener` with every camera frame that was scored or failed; the function returned ends that. */
  onFrame(listener: (frame: CameraFrame) => void): () => void;
  /** Admits nothing more, lets what is in flight end, closes. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Binds the ports, chooses the device and begins to load the configured model. Calls that come before it is there are
 * answered UNAVAILABLE.
 *
 * @throws ScoringError PORT_TAKEN, DEVICE_NONE; nothing is left open then
 */
export async function composeServer(base: Config, deps: ServerDependencies = {}): Promise<ScoringServer> {
  const log = deps.log ?? createLog({ level: base.logLevel });
  const settings = new LiveSettings(base);
  const metrics = new Metrics(deps.env ?? {});
  const listeners = new Set<(frame: CameraFrame) => void>();
  let house: { readonly slot: Slot; readonly scorer: QueueScorer; readonly selection: DeviceSelection } | undefined;

  const readiness = new Readiness(() => settings.swap.notReadyAfterMs);
  const wished = base.model ? formatModelId(base.model) : 'no model';
  const starting = () => scoringError('SLOT_NOT_AVAILABLE', 'START', wished);
  const context: DoorContext = {
    scorer: {
      score: (request) => (house ? house.scorer.score(request) : Promise.reject(starting())),
      serving: (model) => {
        if (house) return house.scorer.serving(model);
        throw starting();
      },
    },
    model: () => house?.slot.current,
    state: () => house?.slot.state ?? { state: 'START', since: new Date().toISOString() },
    control: {
      aspire: (model, by) => (house ? house.slot.aspire(model, by) : Promise.reject(starting())),
      get pending() {
        return house ? house.slot.pending : base.model;
      },
      get history() {
        return house?.slot.history ?? [];
      },
    },
    readiness,
    modelBasePath: base.modelBasePath,
    deviceKind: () => house?.selection.device.info.kind ?? 'none',
    settings,
    metrics,
    log,
    maxMessageBytes: base.maxMessageBytes,
  };
  const doors = await openDoors(base, context, (frame) => {
    for (const listener of listeners) listener(frame);
  });
  try {
    // Reading the package takes as long as waiting for the twin; files that were read are known by then.
    const reading = deps.configure && base.model && openPackage(base.modelBasePath, base.model).catch(() => {});
    const config = (await deps.configure?.(base)) ?? base;
    settings.begin(config);
    let lease: Lease | undefined;
    // The fencing number names a card's requests; it is there before the card is opened.
    const epoch = config.leaseDir === undefined ? undefined : () => lease?.epoch ?? 0;
    const selection = await (deps.selectDevice ?? chooseDevice)(config, settings, epoch);
    watchSelection(selection, log);
    const { device } = selection;
    const open: SlotOptions['open'] = async (reference, options) => {
      await reading;
      return openPackage(config.modelBasePath, reference, options);
    };
    lease = openLease({ directory: config.leaseDir, device: device.info, env: deps.env ?? {}, log });
    const slot = new Slot({ device, open, gate: lease, swap: () => settings.swap });
    lease?.attach(slot);
    const pictures = pictureLimits(config.scoring);
    const scorer = new QueueScorer({
      slot,
      device,
      pictures,
      queue: () => ({ maxCalls: settings.scoring.queueLimit }),
    });
    device.onReturn?.(() => void comeBack(slot));
    metrics.queue(() => scorer.counters);
    metrics.device(() => device.info);
    metrics.cards(() => selection.cards ?? []);
    const unwatch = watchSlot(slot, metrics, log);
    const notReady = readiness.follow(slot);
    house = { slot, scorer, selection };
    const firstModel = config.model && slot.aspire(config.model, 'start');

    const close = async () => {
      notReady();
      scorer.close();
      await doors.stop(STOP_GRACE_MS);
      await slot.close(1000);
      await device.close();
      await lease?.close();
      unwatch();
    };
    let stopped: Promise<void> | undefined;
    return {
      addresses: doors.addresses,
      selection,
      settings,
      slot,
      ...(lease && { lease }),
      lanes: new LaneChanges(slot, device.laneControl),
      scorer,
      metrics,
      ...(firstModel && { firstModel }),
      onFrame: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      stop: () => {
        stopped ??= close();
        return stopped;
      },
    };
  } catch (error) {
    await doors.stop(0);
    throw asScoringError(error);
  }
}

interface Doors {
  readonly addresses: ScoringServer['addresses'];
  stop(graceMs: number): Promise<void>;
}

/** Binds all three ports, or none. */
async function openDoors(config: Config, context: DoorContext, onFrame: (frame: CameraFrame) => void): Promise<Doors> {
  const { host } = config;
  const grpc = new GrpcDoor(context);
  const http = new HttpDoor(context, onFrame);
  const metrics = createMetricsServer(context.metrics.registry);
  const stop = async (graceMs: number) => {
    await Promise.all([grpc.stop(graceMs), http.stop(graceMs)]);
    metrics.closeAllConnections();
    await new Promise<void>((resolve) => metrics.close(() => resolve()));
  };
  try {
    const grpcPort = await grpc.listen(host, config.grpcPort);
    const httpPort = await http.listen(host, config.httpPort);
    const metricsPort = await listen(metrics, host, config.metricsPort);
    const at = (port: number) => `${host.includes(':') ? `[${host}]` : host}:${port}`;
    return { addresses: { grpc: at(grpcPort), http: at(httpPort), metrics: at(metricsPort) }, stop };
  } catch (error) {
    await stop(0);
    throw error;
  }
}

function listen(server: ReturnType<typeof createMetricsServer>, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(portTaken('metrics port', `${host}:${port}`, error)));
    server.listen({ host, port }, () => resolve((server.address() as { port: number }).port));
  });
}

function chooseDevice(config: Config, settings: LiveSettings, epoch?: () => number): Promise<DeviceSelection> {
  const { device, scoring, cardDir, driverLibrary } = config;
  const common = {
    loadTimeoutMs: () => settings.swap.loadTimeoutMs,
    limits: pictureLimits(scoring),
    decode: scoring.decode,
  };
  return selectDevice(device.choice, {
    surveyCards: () => surveyCards({ directory: cardDir, driverLibrary }),
    createCard: (card) => new Catapult({ ...card, ...common, epoch }),
    createEmulator: () => new Emulator({ ...common, lanes: { lanes: scoring.lanes, threads: scoring.threads } }),
  });
}

function pictureLimits(scoring: Config['scoring']): PictureLimits {
  const { maxImageBytes, maxImagePixels, maxImageSide, maxDecodeMs } = scoring;
  return { maxBytes: maxImageBytes, maxPixels: maxImagePixels, maxSide: maxImageSide, maxDecodeMs };
}

/** A wish for the model that another device holds already changes nothing; then it is asked for again. */
async function comeBack(slot: Slot): Promise<void> {
  for (let round = 0; round < 2; round++) {
    const outcome = await slot.reload('device');
    if (outcome?.result !== 'unchanged') return;
  }
}

/** Tells what is in use and why nothing better is, each reason once. */
function watchSelection(selection: DeviceSelection, log: Log): void {
  const told = new Map<string, string>();
  let inUse: Device['info']['kind'] | undefined;
  const tell = () => {
    const { device, reason, rejected } = selection;
    const { kind, description } = device.info;
    const fellBack = inUse !== undefined && kind === 'emulator';
    if (kind !== inUse) log[fellBack ? 'warning' : 'info'](`device: ${kind}, ${description} (${reason})`);
    inUse = kind;
    for (const { kind: other, path = other, reason: why } of rejected) {
      if (told.get(path) !== why) log[why === reason ? 'debug' : 'info'](`device ${other} is not used: ${why}`);
      told.set(path, why);
    }
  };
  tell();
  selection.onChange?.(tell);
}
