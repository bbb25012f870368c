import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type AddonLoad, loadAddon } from './addon.js';
import type { CatapultNode, CatapultProbe } from './catapult-probe.js';

export interface ProbeOptions {
  /** Where the driver's nodes are; `/dev`. */
  readonly devDir?: string;
  /** Where the driver's class is; `/sys/class/catapult`. */
  readonly sysfsDir?: string;
  readonly load?: () => AddonLoad;
}

/**
 * Looks for a Catapult card: nodes, driver version, slots, identity. Never rejects because of the card; what is wrong
 * is in `reason`. Call it before a card is opened by this process, not while it is held (see `Addon.probe`).
 */
export async function probeCatapult(options: ProbeOptions = {}): Promise<CatapultProbe> {
  const { devDir = '/dev', sysfsDir = '/sys/class/catapult', load = loadAddon } = options;
  const loaded = load();
  const addon =
    'addon' in loaded ? { addon: 'loaded' as const } : { addon: 'missing' as const, addonError: loaded.error };
  const absent = (reason: string, nodes: readonly CatapultNode[] = []): CatapultProbe => ({
    available: false,
    reason,
    ...addon,
    nodes,
  });

  let paths: string[];
  try {
    paths = await nodePaths(devDir);
  } catch (error) {
    return absent(`there is no Catapult card: ${devDir} cannot be listed: ${(error as Error).message}`);
  }
  if (paths.length === 0) return absent(`there is no Catapult card: ${join(devDir, 'catapult0')} does not exist`);
  if (!('addon' in loaded)) {
    const fix = 'install a C++ compiler, make and Python 3, then run "npm run build"';
    return absent(
      `${paths.join(', ')} present, but the native addon is not built: ${fix}`,
      paths.map((path) => ({ path })),
    );
  }

  let nodes: readonly CatapultNode[];
  try {
    nodes = await loaded.addon.probe({ devDir, sysfsDir });
  } catch (error) {
    return absent(
      `${paths.join(', ')} present, but the probe failed: ${(error as Error).message}`,
      paths.map((path) => ({ path })),
    );
  }
  const role = nodes.find(usableRole);
  if (role === undefined) return absent(whyNone(nodes, sysfsDir), nodes);
  return { available: true, reason: describe(role), ...addon, nodes, role: role.path };
}

async function nodePaths(devDir: string): Promise<string[]> {
  const numbered = (await readdir(devDir)).filter((name) => /^catapult\d+$/.test(name));
  return numbered.sort((a, b) => Number(a.slice(8)) - Number(b.slice(8))).map((name) => join(devDir, name));
}

function usableRole(node: CatapultNode): boolean {
  return node.functionType === 'role' && node.error === undefined;
}

/** The role function's own trouble comes first; a node of unknown kind may be the role, a management node never is. */
function whyNone(nodes: readonly CatapultNode[], sysfsDir: string): string {
  const role = nodes.find((node) => node.functionType === 'role');
  if (role !== undefined) return `${role.path}: ${role.error}`;
  const unknown = nodes.find((node) => node.functionType === undefined);
  if (unknown !== undefined) {
    const what = unknown.error ?? `${sysfsDir} does not tell whether it is the role function`;
    return `${unknown.path}: ${what}`;
  }
  const kinds = nodes.map((node) => `${node.path} (${node.functionType})`).join(', ');
  return nodes.length === 0
    ? 'the card disappeared while it was probed'
    : `no role function, which runs the models: only ${kinds}`;
}

function describe(node: CatapultNode): string {
  const facts = [`role function at ${node.path}`, `driver ${node.driver}`];
  if (node.slots !== undefined) facts.push(`${node.slots} slots of ${node.bytesPerSlot} bytes`);
  if (node.temperature !== undefined) facts.push(`${node.temperature} °C`);
  return facts.join(', ');
}
