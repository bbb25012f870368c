import type { EdgeModule, JsonObject } from '@edgeslot/edge-module';
import type { Log } from '@edgeslot/edge-module/log';
import type { CameraFrame } from '../camera-frame.js';
import { type Config, type LiveSettings, SECTION_NAMES, type SectionName } from '../config/index.js';
import type { DeviceSelection } from '../device/device.js';
import type { LeaseStatus } from '../lease/lease-status.js';
import { reportLease } from '../lease/report-lease.js';
import type { ModelId } from '../model/model-id.js';
import type { Package } from '../model/package.js';
import type { ScoringCounters } from '../scoring/counters.js';
import type { LaneChanges } from '../slot/lane-changes.js';
import type { SlotState } from '../slot/slot-state.js';
import { DesiredModel, type ModelHolder } from './desired-model.js';
import { DesiredSections } from './desired-sections.js';
import { FrameTelemetry } from './frame-telemetry.js';
import { reportDevice, reportServing, reportSlot } from './reported-state.js';
import { Reporter, SECTION_BYTES } from './reporter.js';
import { LONGEST_WAIT_MS, swapModel } from './swap-model.js';

/** What the hub sees of the house; a composed scoring server has it all. */
export interface HubServer {
  readonly slot: ModelHolder & {
    readonly state: SlotState;
    /** The model that serves. */
    readonly current: Package | undefined;
    /** The last model that served. */
    readonly lastGood?: ModelId | undefined;
    onState(listener: (state: SlotState) => void): () => void;
  };
  readonly scorer: { readonly counters: ScoringCounters };
  readonly settings: Pick<LiveSettings, 'apply' | 'telemetry'>;
  readonly selection: DeviceSelection;
  readonly lanes: Pick<LaneChanges, 'change' | 'choice'>;
  /** None when the module takes no lease. */
  readonly lease?: { readonly status: LeaseStatus; onStatus(listener: () => void): () => void };
  onFrame(listener: (frame: CameraFrame) => void): () => void;
}

export interface HubOptions {
  /** Started or not; whoever made it stops it. */
  readonly module: EdgeModule;
  readonly server: HubServer;
  /** The configuration from environment and command line, without the twin. */
  readonly config: Config;
  readonly version: string;
  readonly log: Log;
  /** ISO 8601, UTC; now by default. */
  readonly startedAt?: string;
  /** Milliseconds between two reports of the counters, default 5000. */
  readonly countersIntervalMs?: number;
}

export interface Hub {
  /** Detaches from the server after a last report; `module.stop()` then sends it. */
  stop(): void;
}

/**
 * The scoring module's side of the hub: applies desired sections, reports sections, slot, device and counters, answers
 * `ping`, `status` and `swapModel`, and sends messages of camera frames on `output1`.
 */
export function connectHub(options: HubOptions): Hub {
  const { module, server, config, log } = options;
  const { slot, selection, settings } = server;
  const identity = {
    version: options.version,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    startedAt: options.startedAt ?? new Date().toISOString(),
  };
  const model = new DesiredModel(slot, () => {
    reportSection('model');
    reportSlotState();
  });
  const sections = new DesiredSections({
    config,
    settings,
    model,
    lanes: server.lanes,
    changed: (name) => reportSection(name),
  });
  const telemetry = new FrameTelemetry(
    (output, body, properties) => module.send(output, body, properties),
    () => settings.telemetry,
  );

  const describe = (name: SectionName): JsonObject => ({
    ...(name === 'device' && reportDevice(selection)),
    ...sections.report(name),
    ...(name === 'model' && slot.current && reportServing(slot.current)),
  });
  const reporter = new Reporter(module, log);
  const reportSection = (name: SectionName) => reporter.report(name, describe(name));
  const counters = (): JsonObject => ({ ...server.scorer.counters, hub: { ...module.counters } });
  let desired = false;
  const reportCounters = () => reporter.report('counters', counters());
  const reportSelection = () => reporter.report('device', desired ? describe('device') : reportDevice(selection));
  const reportSlotState = () => reporter.report('slot', reportSlot(slot));
  const reportLeaseStatus = () => server.lease && reporter.report('lease', reportLease(server.lease.status));

  module.reportOnly(Object.keys(SECTION_BYTES).filter((name) => name !== 'lease' || server.lease));
  reporter.report('module', identity);
  reportSelection();
  reportSlotState();
  reportCounters();
  reportLeaseStatus();
  const timer = setInterval(() => {
    reportCounters();
    // A card's counters and temperature.
    reportSelection();
  }, options.countersIntervalMs ?? 5000);
  selection.onChange?.(reportSelection);
  const detach = [
    slot.onState((state) => {
      reportSlotState();
      // Lanes are the loaded model's.
      if (state.state === 'AVAILABLE') reportSelection();
      model.onState(state);
      if (desired) reportSection('model');
    }),
    server.onFrame((frame) => telemetry.frame(frame)),
    server.lease?.onStatus(reportLeaseStatus) ?? (() => {}),
    () => clearInterval(timer),
  ];
  module.onDesired((properties, version, named) => {
    desired = true;
    sections.apply({ properties, version }, named);
    for (const name of SECTION_NAMES) reportSection(name);
    reporter.report('twin', sections.reportUnknown());
  });
  module.onMethod('ping', () => ({ status: 200, payload: { status: 'ok', slot: slot.state.state } }));
  module.onMethod('status', () => ({
    status: 200,
    payload: {
      module: identity,
      slot: reportSlot(slot),
      counters: counters(),
      ...(server.lease && { lease: reportLease(server.lease.status) }),
      ...Object.fromEntries(SECTION_NAMES.map((name) => [name, describe(name)])),
    },
  }));
  // One second more than the longest wait, so that the method itself answers and not the bound.
  module.onMethod('swapModel', (payload) => swapModel(slot, payload), { timeoutMs: LONGEST_WAIT_MS + 1000 });
  return {
    stop: () => {
      for (const end of detach.splice(0)) end();
      reportSlotState();
      reportCounters();
    },
  };
}
