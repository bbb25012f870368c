import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModuleStatus } from '@edgeslot/edge-runtime';
import { type ControlClient, connectControl } from '@edgeslot/edge-runtime/control-client';
import { byTwin, type Swap, swapTo } from './load/swap.js';
import { descendants } from './processes.js';
import { type RunningCommand, startEdgeslot } from './run-command.js';
import { type ScoringModules, scoringManifest } from './scoring-manifest.js';
import { waitFor } from './wait-for.js';

const MANIFEST = 'deployment.json';

/** Scoring modules on a local Edge runtime of their own, without a camera. */
export class ScoringRuntime {
  #killed = false;

  private constructor(
    /** Everything of it is below: the manifest, and in `state` what the runtime keeps. */
    private readonly folder: string,
    private readonly modelsDir: string,
    readonly command: RunningCommand,
    readonly control: ControlClient,
  ) {}

  /** @param modules by name; one called `scoring` without a model when left out */
  static async start(modelsDir: string, modules: ScoringModules = { scoring: {} }): Promise<ScoringRuntime> {
    const folder = await mkdtemp(join(tmpdir(), 'edgeslot-test-'));
    try {
      await writeFile(join(folder, MANIFEST), JSON.stringify(await scoringManifest(modules)));
      const runtime = await ScoringRuntime.open(folder, modelsDir);
      for (const name of Object.keys(modules)) await waitFor(`module ${name}`, () => runtime.control.twin(name));
      return runtime;
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  private static async open(folder: string, modelsDir: string): Promise<ScoringRuntime> {
    const state = join(folder, 'state');
    const args = ['--state', state, '--models', modelsDir, '--host', 'auto'];
    const command = startEdgeslot(['up', join(folder, MANIFEST), ...args]);
    try {
      const control = await waitFor('the control API', async () => {
        if (!command.running) throw new Error(`the runtime ended early\n${command.output}`);
        return connectControl(state).catch(() => undefined);
      });
      return new ScoringRuntime(folder, modelsDir, command, control);
    } catch (error) {
      await command.stop('SIGINT');
      throw error;
    }
  }

  /** Where the runtime puts what a bind names and this machine does not have. */
  hostPath(path: string): string {
    return join(this.folder, 'state', 'host', path);
  }

  /** Kills the runtime, and nothing else: resolves with the processes that it had, which are left to themselves. */
  async kill(): Promise<number[]> {
    const family = descendants(this.command.child.pid!);
    this.#killed = true;
    this.command.child.kill('SIGKILL');
    await this.command.finished;
    return family;
  }

  /** A new runtime with the first one's manifest on what a killed one has left. */
  again(): Promise<ScoringRuntime> {
    return ScoringRuntime.open(this.folder, this.modelsDir);
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
    await rm(this.folder, { recursive: true, force: true });
    if (!this.#killed) assert.equal(code, 0, this.command.output.slice(-4000));
  }
}
