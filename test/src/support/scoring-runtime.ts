import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModuleStatus } from '@edgeslot/edge-runtime';
import { type ControlClient, connectControl } from '@edgeslot/edge-runtime/control-client';
import { byTwin, type Swap, swapTo } from './load/swap.js';
import { type RunningCommand, startEdgeslot } from './run-command.js';
import { type ScoringModules, scoringManifest } from './scoring-manifest.js';
import { waitFor } from './wait-for.js';

/** Scoring modules on a local Edge runtime of their own, without a camera. */
export class ScoringRuntime {
  private constructor(
    readonly stateDir: string,
    readonly command: RunningCommand,
    readonly control: ControlClient,
  ) {}

  /** @param modules by name; one called `scoring` without a model when left out */
  static async start(modelsDir: string, modules: ScoringModules = { scoring: {} }): Promise<ScoringRuntime> {
    const stateDir = await mkdtemp(join(tmpdir(), 'edgeslot-test-'));
    const file = join(stateDir, 'deployment.json');
    await writeFile(file, JSON.stringify(await scoringManifest(modules)));
    const state = join(stateDir, 'state');
    const command = startEdgeslot(['up', file, '--state', state, '--models', modelsDir, '--host', 'auto']);
    try {
      const control = await waitFor('the control API', async () => {
        if (!command.running) throw new Error(`the runtime ended early\n${command.output}`);
        return connectControl(state).catch(() => undefined);
      });
      for (const name of Object.keys(modules)) await waitFor(`module ${name}`, () => control.twin(name));
      return new ScoringRuntime(stateDir, command, control);
    } catch (error) {
      await command.stop('SIGINT');
      await rm(stateDir, { recursive: true, force: true });
      throw error;
    }
  }

  /** Replaces the deployment, as `edgeslot deploy` does; resolves when the agent has done what it asks for. */
  async deploy(modules: ScoringModules): Promise<void> {
    const { status } = await this.control.deploy(JSON.stringify(await scoringManifest(modules)));
    assert.equal(status.code, 200, status.description);
  }

  /** Has the twin desire the model, and waits until it is the one in the slot. */
  swapTo(model: string): Promise<Swap> {
    return swapTo(this.control, byTwin(this.control), model);
  }

  async module(name = 'scoring'): Promise<ModuleStatus> {
    const { modules } = await this.control.status();
    const found = modules.find((module) => module.name === name);
    assert.ok(found, `no module ${name}`);
    return found;
  }

  /** Where gRPC is published. */
  address(name = 'scoring'): Promise<string> {
    return this.published('50051/tcp', name);
  }

  /** Where a port of a module is published. */
  published(port: string, name = 'scoring'): Promise<string> {
    return waitFor(`the published port ${port} of ${name}`, async () => {
      const { modules } = await this.control.status();
      const module = modules.find((one) => one.name === name);
      return module?.ports.find(({ container }) => container === port)?.host;
    });
  }

  async stop(): Promise<void> {
    const { code } = await this.command.stop('SIGINT');
    await rm(this.stateDir, { recursive: true, force: true });
    assert.equal(code, 0, this.command.output.slice(-4000));
  }
}
