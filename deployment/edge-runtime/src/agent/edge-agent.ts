import type { DeploymentReply } from '../control/control-api.js';
import { type Deployment, ManifestError, type ModuleSpec } from '../manifest/deployment.js';
import type { Router } from '../routes/router.js';
import type { TwinStore } from '../twins/twin-store.js';
import { Agent } from './agent.js';
import type { Clock } from './clock.js';
import { AGENT, HUB, judgeManifest } from './judge-manifest.js';
import type { ModuleEngine } from './module-engine.js';
import type { AgentEventKind } from './module-record.js';
import { type DesiredStatus, diff, reportAgent } from './reported.js';
import { saveDeployment } from './saved-deployment.js';

const OK: DesiredStatus = { code: 200, description: '' };

export interface EdgeAgentOptions {
  readonly engine: ModuleEngine;
  readonly twins: TwinStore;
  readonly clock: Clock;
  readonly stateDir: string;
  readonly setRouter: (router: Router) => void;
  readonly log: (level: 'error' | 'warning' | 'info' | 'debug', text: string) => void;
  readonly onWarning: (module: string, text: string) => void;
  readonly onModule: (module: string, kind: AgentEventKind, text: string) => void;
  readonly onDeployment: (source: string, reply: DeploymentReply) => void;
}

/** `$edgeAgent`: takes deployments, keeps the last good one, reports what became of it. */
export class EdgeAgent {
  readonly agent: Agent;
  readonly #options: EdgeAgentOptions;
  readonly #startedAt = new Date().toISOString();
  #source = 'nothing yet';
  #specs: readonly ModuleSpec[] = [];
  #refusal: DesiredStatus | undefined;
  #reportDue = false;
  #stopped = false;
  #lastDeploy: Promise<unknown> = Promise.resolve();

  constructor(options: EdgeAgentOptions) {
    this.#options = options;
    this.agent = new Agent({
      engine: options.engine,
      clock: options.clock,
      onEvent: options.onModule,
      onChange: () => this.#reportSoon(),
    });
  }

  get deployment(): { source: string; version: number; status: DesiredStatus } {
    return { source: this.#source, version: this.#version, status: this.#status };
  }

  get specs(): readonly ModuleSpec[] {
    return this.#specs;
  }

  /** Judges a manifest and looks its images up, one at a time in the order of the calls; modules change in the background. */
  deploy(manifest: string | Readonly<Record<string, unknown>>, source: string): Promise<DeploymentReply> {
    const reply = this.#lastDeploy.then(() => this.#deploy(manifest, source));
    this.#lastDeploy = reply.catch(() => {});
    return reply;
  }

  async #deploy(manifest: string | Readonly<Record<string, unknown>>, source: string): Promise<DeploymentReply> {
    let deployment: Deployment;
    try {
      deployment = judgeManifest(manifest, source);
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      this.#refusal = { code: error.code, description: error.message };
      return this.#reply(source, this.#refusal);
    }
    await this.#apply(deployment, source, typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
    const missing = await this.#missingImages(deployment.modules);
    const reply = this.#reply(source, missing.length === 0 ? OK : { code: 500, description: missing.join('; ') });
    this.agent
      .setDesired(deployment.modules)
      .catch((error: Error) => this.#options.log('error', `deployment: ${error.stack ?? error.message}`));
    return reply;
  }

  async stop(): Promise<void> {
    await this.agent.stop();
    this.#report(false);
    this.#stopped = true;
  }

  async #apply(deployment: Deployment, source: string, text: string): Promise<void> {
    const { twins, stateDir, setRouter, onWarning, log } = this.#options;
    twins.replaceDesired(AGENT, deployment.agentDesired);
    twins.replaceDesired(HUB, deployment.hubDesired);
    for (const [name, desired] of deployment.twins) twins.replaceDesired(name, desired);
    setRouter(deployment.router);
    for (const { pointer, message } of deployment.warnings) {
      const module = deployment.modules.find(({ name }) => pointer.includes(`/modules/${name}/`));
      if (module === undefined) log('warning', `${source}${pointer}: ${message}`);
      else onWarning(module.name, message);
    }
    this.#refusal = undefined;
    this.#source = source;
    this.#specs = deployment.modules;
    await saveDeployment(stateDir, { source, manifest: text });
  }

  async #missingImages(specs: readonly ModuleSpec[]): Promise<string[]> {
    const results = await Promise.allSettled(specs.map((spec) => this.#options.engine.pull(spec)));
    return results.flatMap((result, index) =>
      result.status === 'rejected' ? [`module ${specs[index]?.name}: ${(result.reason as Error).message}`] : [],
    );
  }

  get #version(): number {
    return this.#options.twins.get(AGENT).properties.desired.$version;
  }

  get #status(): DesiredStatus {
    if (this.#refusal !== undefined) return this.#refusal;
    const failures = [...this.agent.failures].map(([name, text]) => `module ${name}: ${text}`);
    return failures.length === 0 ? OK : { code: 500, description: failures.join('; ') };
  }

  #reply(source: string, status: DesiredStatus): DeploymentReply {
    const reply = { version: this.#version, status };
    this.#reportSoon();
    this.#options.onDeployment(source, reply);
    return reply;
  }

  /** Changes of one turn of the event loop are reported together. */
  #reportSoon(): void {
    if (this.#reportDue || this.#stopped) return;
    this.#reportDue = true;
    setImmediate(() => {
      this.#reportDue = false;
      if (!this.#stopped) this.#report(true);
    });
  }

  #report(hubRunning: boolean): void {
    const { twins, log } = this.#options;
    const { desired, reported } = twins.get(AGENT).properties;
    const next = reportAgent(desired, this.#version, this.#status, this.agent.modules, {
      startedAt: this.#startedAt,
      hubRunning,
    });
    const patch = diff(reported, next);
    if (patch === undefined) return;
    try {
      twins.patchReported(AGENT, patch);
    } catch (error) {
      log('warning', `reported properties of ${AGENT} are refused: ${(error as Error).message}`);
    }
  }
}
