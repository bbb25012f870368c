import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModuleStatus } from '@edgeslot/edge-runtime';
import { type ControlClient, connectControl } from '@edgeslot/edge-runtime/control-client';
import { DEMO_MANIFEST } from '../../support/checkout.js';
import { type RunningCommand, startEdgeslot } from '../../support/run-command.js';
import { waitFor } from '../../support/wait-for.js';

/** How a swap ended, as the module reports it; durations in milliseconds. */
export interface Swap {
  readonly to: string;
  readonly result: string;
  readonly error?: object;
  readonly durations: Readonly<Record<'load' | 'blackout', number>>;
}

interface Slot {
  readonly state?: string;
  readonly model?: string;
  readonly history?: readonly Swap[];
}

interface Manifest {
  readonly modulesContent: Record<string, { 'properties.desired': Record<string, unknown> }>;
}

const SWAP_BOUND_MS = 180_000;

/** One scoring module on a local Edge runtime of its own, which changes its model as its desired twin says. */
export class SwappingServer {
  private constructor(
    readonly stateDir: string,
    private readonly command: RunningCommand,
    private readonly control: ControlClient,
  ) {}

  static async start(modelsDir: string): Promise<SwappingServer> {
    const stateDir = await mkdtemp(join(tmpdir(), 'edgeslot-test-'));
    const manifest = join(stateDir, 'deployment.json');
    await writeFile(manifest, JSON.stringify(await scoringAlone()));
    const state = join(stateDir, 'state');
    const command = startEdgeslot(['up', manifest, '--state', state, '--models', modelsDir, '--host', 'auto']);
    const control = await waitFor('the control API', async () => {
      if (!command.running) throw new Error(`the runtime ended early\n${command.output}`);
      return connectControl(state).catch(() => undefined);
    });
    return new SwappingServer(stateDir, command, control);
  }

  /** Has the twin desire the model, and waits until it is the one in the slot. */
  async swapTo(model: string): Promise<Swap> {
    const before = await this.slot();
    const swaps = (slot: Slot) => JSON.stringify(slot.history ?? []);
    await this.control.patchTwin('scoring', { model: { name: model } });
    const slot = await waitFor(
      `${model} in the slot`,
      async () => {
        const now = await this.slot();
        return swaps(now) !== swaps(before) ? now : undefined;
      },
      SWAP_BOUND_MS,
    );
    const swap = slot.history!.at(-1)!;
    assert.equal(swap.result, 'loaded', JSON.stringify(swap));
    assert.equal(slot.model, swap.to);
    assert.ok(swap.to === model || swap.to.startsWith(`${model}:`), swap.to);
    return swap;
  }

  async module(): Promise<ModuleStatus> {
    const { modules } = await this.control.status();
    assert.equal(modules.length, 1);
    return modules[0]!;
  }

  /** Where gRPC is published. */
  async address(): Promise<string> {
    return waitFor('the published port', async () => {
      const { modules } = await this.control.status();
      return modules[0]?.ports.find(({ container }) => container === '50051/tcp')?.host;
    });
  }

  async stop(): Promise<void> {
    const { code } = await this.command.stop('SIGINT');
    await rm(this.stateDir, { recursive: true, force: true });
    assert.equal(code, 0, this.command.output.slice(-4000));
  }

  private async slot(): Promise<Slot> {
    return (await this.control.twin('scoring')).properties.reported.slot ?? {};
  }
}

/** The demo's deployment without its camera, and without a model. */
async function scoringAlone(): Promise<Manifest> {
  const manifest = JSON.parse(await readFile(DEMO_MANIFEST, 'utf8')) as Manifest;
  const { modulesContent } = manifest;
  const agent = modulesContent.$edgeAgent!['properties.desired'];
  const { scoring } = agent.modules as Record<string, object>;
  agent.modules = { scoring: { ...scoring, env: {} } };
  const { $edgeAgent, $edgeHub } = modulesContent;
  return { modulesContent: { $edgeAgent: $edgeAgent!, $edgeHub: $edgeHub! } };
}
