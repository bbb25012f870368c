import { mkdir, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { systemClock } from './agent/clock.js';
import { EdgeAgent } from './agent/edge-agent.js';
import type { AgentEventKind } from './agent/module-record.js';
import { openCertificateAuthority } from './certificates/certificate-authority.js';
import type { DeploymentReply, ModuleStatus, RuntimeEvent, RuntimeStatus } from './control/control-api.js';
import { ControlError } from './control/control-error.js';
import { type ControlServer, startControlServer } from './control/control-server.js';
import { type acquireStateDir, STATE_LINK } from './control/state-lock.js';
import { controlHandlers } from './control-handlers.js';
import { forgetModules } from './forget-modules.js';
import type { Hub } from './hub/hub.js';
import { type ModuleIdentities, openModuleIdentities } from './identity/module-identities.js';
import type { AddressPlan } from './network/addresses.js';
import { openGateway } from './open-gateway.js';
import { imageCatalog } from './process/image-catalog.js';
import { detectIsolation, type Isolation } from './process/isolation.js';
import { killLeftovers } from './process/leftovers.js';
import { ProcessEngine } from './process/process-engine.js';
import { residentBytes } from './process/resident-memory.js';
import { WorkloadSockets } from './process/workload-sockets.js';
import type { Runtime, RuntimeLog, RuntimeOptions } from './runtime-options.js';
import { describeStart, moduleStatus, workloadModules } from './runtime-status.js';
import { directorySize } from './storage/state-directory.js';
import { openUpstreamFile, type UpstreamFile } from './storage/upstream-file.js';
import { openTwinStore, type TwinStore } from './twins/twin-store.js';

type Unstamped<T> = T extends { readonly time: string } ? Omit<T, 'time'> : never;
type Manifest = string | Readonly<Record<string, unknown>>;

type StateLock = Awaited<ReturnType<typeof acquireStateDir>>;

interface Parts {
  readonly isolation: Isolation;
  readonly addresses: AddressPlan;
  readonly identities: ModuleIdentities;
  readonly twins: TwinStore;
  readonly upstream: UpstreamFile;
  readonly engine: ProcessEngine;
  readonly edgeAgent: EdgeAgent;
  readonly hub: Hub;
}

const WITH_STATUS: ReadonlySet<AgentEventKind> = new Set(['started', 'exited', 'backoff', 'failed', 'stopped']);

/** The runtime of one state directory: everything composed, started and stopped in order. */
export class LocalRuntime implements Runtime {
  readonly stateDir: string;
  readonly stopped: Promise<void>;
  readonly #options: RuntimeOptions;
  readonly #lock: StateLock;
  readonly #log: RuntimeLog;
  readonly #deviceId: string;
  readonly #hubHostName: string;
  readonly #gatewayHostName: string;
  readonly #startedAt = new Date().toISOString();
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();
  readonly #undo: (() => Promise<void>)[] = [];
  #parts: Parts | undefined;
  #control: ControlServer | undefined;
  #stopping: Promise<void> | undefined;
  #setStopped: () => void = () => {};

  constructor(options: RuntimeOptions, lock: StateLock) {
    this.#options = options;
    this.#lock = lock;
    this.stateDir = options.stateDir;
    this.#log = options.log ?? (() => {});
    this.#deviceId = options.deviceId ?? 'edgeslot';
    this.#hubHostName = options.hubHostName ?? 'iothub.edgeslot.internal';
    this.#gatewayHostName = options.gatewayHostName ?? 'edgeslot-gateway';
    this.stopped = new Promise((resolve) => {
      this.#setStopped = resolve;
    });
  }

  async start(manifest: Manifest, source: string): Promise<void> {
    try {
      const parts = await this.#compose();
      this.#parts = parts;
      // Last, so that whoever gets through to it meets a whole runtime.
      this.#control = await this.#openControl(parts);
      await parts.edgeAgent.deploy(manifest, source);
    } catch (error) {
      await this.#undoAll();
      throw error;
    }
  }

  async status(): Promise<RuntimeStatus> {
    const { edgeAgent, hub, isolation, upstream } = this.#running();
    const modules = await Promise.all(
      [...edgeAgent.agent.modules.keys()].map(async (name): Promise<ModuleStatus> => {
        const status = this.#moduleStatus(name) as ModuleStatus;
        const rssBytes = status.pid === undefined ? undefined : await residentBytes(status.pid);
        return rssBytes === undefined ? status : { ...status, rssBytes };
      }),
    );
    return {
      runtime: {
        pid: process.pid,
        startedAt: this.#startedAt,
        stateDir: this.stateDir,
        runDir: this.#lock.runtime.runDir,
        stateBytes: await directorySize(this.stateDir),
        deviceId: this.#deviceId,
        hubHostName: this.#hubHostName,
        gateway: `${hub.address.host}:${hub.address.port}`,
        isolation,
        hostPaths: this.#options.hostPaths ?? {},
        upstreamFile: upstream.path,
        upstreamMessages: upstream.messages,
      },
      deployment: edgeAgent.deployment,
      modules,
    };
  }

  async deploy(manifest: Manifest, source: string): Promise<DeploymentReply> {
    if (this.#stopping !== undefined)
      throw new ControlError(503, 'STOPPING', 'the runtime is stopping: it takes no deployment any more');
    return this.#running().edgeAgent.deploy(manifest, source);
  }

  subscribe(listener: (event: RuntimeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stop(reason: string): Promise<void> {
    this.#stopping ??= this.#stop(reason).finally(() => this.#setStopped());
    return this.#stopping;
  }

  async #compose(): Promise<Parts> {
    const { stateDir } = this;
    const { runDir } = this.#lock.runtime;
    const inState = (name: string) => path.join(stateDir, name);
    const leftovers = await killLeftovers(runDir);
    if (leftovers.length > 0)
      this.#log('warning', `ended what an earlier runtime left behind: pid ${leftovers.join(', ')}`);
    await rm(runDir, { recursive: true, force: true });
    await mkdir(runDir, { mode: 0o700 });
    await symlink(stateDir, path.join(runDir, STATE_LINK));
    this.#undo.push(() => rm(runDir, { recursive: true, force: true }));

    const isolation = await this.#chooseIsolation(runDir);
    const ca = await openCertificateAuthority(inState('ca'));
    const identities = await openModuleIdentities(inState('identities'));
    const twins = await openTwinStore({
      dir: inState('twins'),
      deviceId: this.#deviceId,
      log: (line) => this.#log('warning', line),
    });
    this.#undo.push(() => twins.close());
    const upstream = await openUpstreamFile({ dir: inState('upstream') });
    this.#undo.push(() => upstream.close());
    const { addresses, hub } = await openGateway({
      seed: stateDir,
      ca,
      deviceId: this.#deviceId,
      hubHostName: this.#hubHostName,
      gatewayHostName: this.#gatewayHostName,
      identities,
      twins,
      upstream,
      log: this.#log,
      onEvent: (event) => this.#onHubEvent(event),
    });
    this.#undo.push(() => hub.stop());

    const workload = new WorkloadSockets({
      runDir,
      deviceId: this.#deviceId,
      hubHostName: this.#hubHostName,
      gatewayHostName: this.#gatewayHostName,
      identities,
      ca,
      listModules: () => workloadModules(edgeAgent.agent.modules.values()),
    });
    const onWarning = (module: string, text: string) => this.#emit({ type: 'module', module, event: 'warning', text });
    const { hostAddress = '127.0.0.1', modulesRoot } = this.#options;
    const engine = new ProcessEngine({
      catalog: imageCatalog({ roots: [modulesRoot].flat(), map: this.#options.map ?? {} }),
      addresses,
      isolation,
      stateDir,
      runDir,
      hostAddress: hostAddress === 'auto' ? addresses.gateway : hostAddress,
      gatewayHostName: this.#gatewayHostName,
      hostPaths: this.#options.hostPaths ?? {},
      extraEnv: this.#options.moduleEnv ?? {},
      openWorkload: (module) => workload.open(module),
      closeWorkload: (module) => workload.close(module),
      onLine: (module, stream, line) => this.#emit({ type: 'log', module, stream, line }),
      onWarning,
    });
    const edgeAgent = new EdgeAgent({
      engine,
      twins,
      clock: systemClock,
      stateDir,
      setRouter: (router) => hub.setRouter(router),
      log: this.#log,
      onWarning,
      onModule: (module, kind, text) => this.#onModule(module, kind, text),
      onDeployment: (source, reply) => {
        this.#emit({ type: 'deployment', source, ...reply });
        if (reply.status.code === 200 || reply.status.code === 500) this.#forgetAbsent();
      },
    });
    this.#undo.push(() => edgeAgent.stop());
    return { isolation, addresses, identities, twins, upstream, engine, edgeAgent, hub };
  }

  async #openControl({ edgeAgent, twins, hub }: Parts): Promise<ControlServer> {
    const control = await startControlServer(
      this.#lock.runtime.socketPath,
      controlHandlers({
        edgeAgent,
        twins,
        hub,
        status: () => this.status(),
        deploy: (manifest, source) => this.deploy(manifest, source),
        stop: (reason) => void this.stop(reason),
      }),
    );
    this.#undo.push(() => control.close());
    return control;
  }

  async #chooseIsolation(runDir: string): Promise<Isolation> {
    const { isolation = 'auto' } = this.#options;
    if (isolation === 'preload') return isolation;
    const found = await detectIsolation(runDir);
    if (isolation === 'namespaces' && found.isolation !== 'namespaces')
      throw new Error(`modules cannot be isolated as asked: ${found.reason}`);
    if (found.isolation === 'preload') this.#log('info', `module names come from a Node preload: ${found.reason}`);
    return found.isolation;
  }

  #onModule(module: string, kind: AgentEventKind, text: string): void {
    const status = WITH_STATUS.has(kind) ? this.#moduleStatus(module) : undefined;
    if (kind === 'removed') {
      this.#parts?.hub.forget(module);
      this.#parts?.addresses.release(module);
      this.#forgetAbsent();
    }
    const line = kind === 'started' && status !== undefined ? describeStart(status) : text;
    this.#emit({ type: 'module', module, event: kind, text: line, ...(status === undefined ? {} : { status }) });
  }

  #forgetAbsent(): void {
    const { edgeAgent, identities, twins } = this.#running();
    const kept = (name: string) =>
      edgeAgent.agent.modules.has(name) || edgeAgent.specs.some((spec) => spec.name === name);
    forgetModules(identities, twins, kept).catch((error: Error) => this.#log('warning', error.message));
  }

  #onHubEvent(event: RuntimeEvent): void {
    const status = event.type === 'module' ? this.#moduleStatus(event.module) : undefined;
    this.#send(event.type === 'module' && status !== undefined ? { ...event, status } : event);
  }

  #moduleStatus(name: string): ModuleStatus | undefined {
    const record = this.#parts?.edgeAgent.agent.modules.get(name);
    if (this.#parts === undefined || record === undefined) return undefined;
    return moduleStatus(record, this.#parts.engine, this.#parts.hub.isConnected(name));
  }

  #emit(event: Unstamped<RuntimeEvent>): void {
    this.#send({ time: new Date().toISOString(), ...event } as RuntimeEvent);
  }

  #send(event: RuntimeEvent): void {
    this.#options.onEvent?.(event);
    for (const listener of this.#listeners) listener(event);
    this.#control?.publish(event);
  }

  async #stop(reason: string): Promise<void> {
    this.#emit({ type: 'stopping', reason });
    const parts = this.#running();
    await parts.edgeAgent.stop();
    await parts.hub.stop();
    this.#emit({ type: 'stopped' });
    await this.#undoAll();
    await this.#lock.release();
  }

  /** In the opposite order of the start; one that fails does not keep the rest. */
  async #undoAll(): Promise<void> {
    for (const undo of this.#undo.splice(0).reverse()) {
      await undo().catch((error: Error) => this.#log('warning', `stopping: ${error.message}`));
    }
  }

  #running(): Parts {
    if (this.#parts === undefined) throw new Error('the runtime has not started');
    return this.#parts;
  }
}
