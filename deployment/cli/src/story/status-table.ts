import type { ModuleStatus, RuntimeStatus } from '@edgeslot/edge-runtime';
import { formatBytes, table } from './columns.js';
import { isRecord, readCounters } from './frame-message.js';
import { portsText } from './module-lines.js';
import { readDevice, readSlot } from './reported-twin.js';
import { type Paint, printable } from './style.js';

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
  const said = modules.flatMap(({ name }) => reportedRows(paint, name, reported[name]));
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

function reportedRows(paint: Paint, name: string, reported: unknown): string[][] {
  const rows: string[][] = [];
  const slot = readSlot(reported);
  const device = readDevice(reported);
  if (slot) {
    const error = slot.error === undefined ? '' : `  ${paint('bad', printable(slot.error))}`;
    rows.push([name, 'slot', `${paint('accent', slot.model ?? 'no model')} ${slot.state}${error}`]);
  }
  if (device) {
    rows.push([name, 'device', `${device.kind}${device.reason ? `, because ${printable(device.reason)}` : ''}`]);
  }
  const counters = isRecord(reported) ? readCounters(reported.counters) : undefined;
  if (counters) {
    const { posted, scored, dropped, failed, inFlight } = counters;
    rows.push([
      name,
      'frames',
      `posted ${posted}, scored ${scored}, dropped ${dropped}, failed ${failed}, in flight ${inFlight}`,
    ]);
  }
  return rows;
}
