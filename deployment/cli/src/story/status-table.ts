import type { ModuleStatus, RuntimeStatus } from '@edgeslot/edge-runtime';
import { formatBytes, table } from './columns.js';
import { isRecord, readCounters } from './frame-message.js';
import { portsText } from './module-lines.js';
import { type ReportedDevice, type ReportedLease, readDevice, readLease, readSlot } from './reported-twin.js';
import { type Paint, printable } from './style.js';
import { swapText } from './swap-lines.js';

type Reported = Readonly<Record<string, unknown>>;

/** What `edgeslot status` prints: the runtime, the deployment, the modules, and what they report. */
export function statusLines(
  paint: Paint,
  status: RuntimeStatus,
  reported: Reported,
  short: (path: string) => string,
): string[] {
  const { runtime, deployment, modules } = status;
  const code = deployment.status.code;
  const verdict =
    code === 200 ? paint('good', 'accepted') : paint('bad', `${code} ${printable(deployment.status.description)}`);
  const head = [
    ['runtime', `pid ${runtime.pid}, since ${runtime.startedAt}, hub ${runtime.gateway}, ${runtime.isolation}`],
    ['state', `${short(runtime.stateDir)}, ${formatBytes(runtime.stateBytes)}`],
    ['manifest', `${deployment.source}, version ${deployment.version}, ${verdict}`],
    ['upstream', `${runtime.upstreamMessages} messages in ${short(runtime.upstreamFile)}`],
  ];
  const rows = [
    ['module', 'status', 'pid', 'restarts', 'memory', 'image', 'ports'].map((title) => paint('dim', title)),
  ];
  for (const module of modules) rows.push(moduleRow(paint, module));
  const lines = [...table(head), '', ...table(rows)];
  for (const module of modules) {
    const wrong = module.runtimeStatus !== 'running' && module.statusDescription !== '';
    if (wrong) lines.push(`${module.name}: ${paint('warn', printable(module.statusDescription))}`);
  }
  const said = modules.flatMap((module) => reportedRows(paint, module, reported[module.name]));
  return said.length === 0 ? lines : [...lines, '', ...table(said)];
}

function moduleRow(paint: Paint, module: ModuleStatus): string[] {
  const tone = module.runtimeStatus === 'running' ? 'good' : module.runtimeStatus === 'stopped' ? 'dim' : 'bad';
  const link = module.runtimeStatus === 'running' && !module.connected ? ' (no hub)' : '';
  return [
    paint('strong', module.name),
    paint(tone, module.runtimeStatus) + link,
    module.pid === undefined ? '-' : String(module.pid),
    String(module.restartCount),
    module.rssBytes === undefined ? '-' : formatBytes(module.rssBytes),
    module.image,
    portsText(module) || '-',
  ];
}

/** `in backoff`, `stopped`, …: how a module that does not run is spoken of. */
export function stateText(status: ModuleStatus['runtimeStatus']): string {
  if (status === 'backoff') return 'in backoff';
  return status === 'unknown' ? 'not started yet' : status;
}

function reportedRows(paint: Paint, { name, runtimeStatus }: ModuleStatus, reported: unknown): string[][] {
  const rows: string[][] = [];
  // The twin keeps what a module said last, though it has ended since.
  const stale =
    runtimeStatus === 'running' ? '' : `  ${paint('warn', `(last reported; ${name} is ${stateText(runtimeStatus)})`)}`;
  const slot = readSlot(reported);
  const device = readDevice(reported);
  if (slot) {
    const error = slot.error === undefined ? '' : `  ${paint('bad', printable(slot.error))}`;
    const numerics = slot.numerics === undefined ? '' : `, ${printable(slot.numerics)}`;
    rows.push([name, 'slot', `${paint('accent', slot.model ?? 'no model')} ${slot.state}${numerics}${error}${stale}`]);
  }
  const swap = slot?.lastSwap && swapText(paint, slot.lastSwap, slot.error);
  if (swap) rows.push([name, 'swap', `${swap}, at ${slot.lastSwap!.at}${stale}`]);
  const lease = readLease(reported);
  if (lease) rows.push([name, 'lease', `${leaseText(paint, lease)}${stale}`]);
  if (device) {
    rows.push([
      name,
      'device',
      `${device.kind}${lanesText(device)}${device.reason ? `, because ${printable(device.reason)}` : ''}${stale}`,
    ]);
  }
  const counters = isRecord(reported) ? readCounters(reported.counters) : undefined;
  if (counters) {
    const { posted, scored, dropped, failed, inFlight } = counters;
    rows.push([
      name,
      'frames',
      `posted ${posted}, scored ${scored}, dropped ${dropped}, failed ${failed}, in flight ${inFlight}${stale}`,
    ]);
  }
  return rows;
}

/** Whoever holds no lease serves nothing: that stands out. */
export function leaseText(paint: Paint, { state, text }: ReportedLease): string {
  const tone = state === 'held' ? undefined : state === 'busy' || state === 'unavailable' ? 'bad' : 'warn';
  return tone === undefined ? printable(text) : paint(tone, printable(text));
}

function lanesText({ lanes, threadsPerLane }: ReportedDevice): string {
  if (lanes === undefined || threadsPerLane === undefined) return '';
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
  return `, ${count(lanes, 'lane')} of ${count(threadsPerLane, 'thread')}`;
}
