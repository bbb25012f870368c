import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ModuleEngine, ModuleExit } from '../agent/module-engine.js';
import type { PublishedPort } from '../control/control-api.js';
import type { ModuleSpec } from '../manifest/deployment.js';
import type { AddressPlan } from '../network/addresses.js';
import { type Forwarder, startForwarder } from '../network/forwarder.js';
import { exists } from '../storage/exists.js';
import { resolveBindSource } from './bind-sources.js';
import { moduleEnvironment, rewritePaths } from './environment.js';
import { writeHostsFile } from './hosts-file.js';
import type { ImageCatalog, ImageProgram } from './image-catalog.js';
import type { Isolation } from './isolation.js';
import { describeCommand, type Launch, launchInNamespace, launchWithPreload } from './launch.js';
import { LogFile } from './log-file.js';
import { ModuleProcess } from './module-process.js';
import { planMounts, type ResolvedBind } from './mount-plan.js';

export interface ProcessEngineOptions {
  readonly catalog: ImageCatalog;
  readonly addresses: AddressPlan;
  readonly isolation: Isolation;
  readonly stateDir: string;
  readonly runDir: string;
  /** Where ports without a host address of their own are published. */
  readonly hostAddress: string;
  readonly gatewayHostName: string;
  readonly hostPaths: Readonly<Record<string, string>>;
  readonly extraEnv: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Opens the module's workload API and returns what the agent injects into its environment. */
  readonly openWorkload: (module: string) => Promise<Readonly<Record<string, string>>>;
  readonly closeWorkload: (module: string) => Promise<void>;
  readonly onLine: (module: string, stream: 'stdout' | 'stderr', line: string) => void;
  readonly onWarning: (module: string, text: string) => void;
}

interface Module {
  readonly spec: ModuleSpec;
  readonly program: ImageProgram;
  readonly address: string;
  readonly binds: readonly ResolvedBind[];
  readonly hostsFile: string;
  readonly hostsBase: string;
  readonly log: LogFile;
  /** Warnings said already: a restart does not repeat them. */
  readonly warned: Set<string>;
  forwarders: Forwarder[];
  process?: ModuleProcess;
  expectedExit: boolean;
}

const ANY_ADDRESS = new Set(['', '0.0.0.0', '::']);

/** Modules as processes: each with its own address, names, binds and published ports. */
export class ProcessEngine implements ModuleEngine {
  readonly #modules = new Map<string, Module>();

  constructor(private readonly options: ProcessEngineOptions) {}

  async pull(spec: ModuleSpec): Promise<void> {
    await this.options.catalog.resolve(spec.image);
  }

  async create(spec: ModuleSpec): Promise<void> {
    const { catalog, addresses, stateDir, runDir } = this.options;
    const { name, createOptions } = spec;
    const warn = (text: string) => this.options.onWarning(name, text);
    const program = await catalog.resolve(spec.image);
    const hosts = createOptions.binds.find(({ target }) => target === '/etc/hosts');
    const binds: ResolvedBind[] = [];
    for (const bind of createOptions.binds) {
      if (bind === hosts) continue;
      binds.push({
        ...bind,
        source: await resolveBindSource(bind, { hostPaths: this.options.hostPaths, stateDir, warn }),
      });
    }
    const absent = [];
    for (const device of createOptions.devices) if (!(await exists(device))) absent.push(device);
    if (absent.length > 0)
      warn(`${absent.join(', ')} ${absent.length === 1 ? 'is' : 'are'} not on this machine: left out`);
    // A container's own files are new each time it is created; this is the one place where a module may expect any.
    await rm(this.#home(name), { recursive: true, force: true });
    await mkdir(this.#home(name), { recursive: true, mode: 0o700 });
    this.#modules.set(name, {
      spec,
      program,
      address: addresses.moduleAddress(name),
      binds,
      hostsFile: path.join(runDir, `hosts-${name}`),
      // A bind of /etc/hosts adds that file's names to the runtime's, as Docker's own resolver would.
      hostsBase: hosts?.source ?? '/etc/hosts',
      log: new LogFile(path.join(stateDir, 'logs', `${name}.log`), createOptions.log),
      warned: new Set(),
      forwarders: [],
      expectedExit: false,
    });
    await this.#writeHosts();
  }

  async start(name: string, onExit: (exit: ModuleExit) => void): Promise<void> {
    const module = this.#module(name);
    await this.#publish(module);
    try {
      const injected = await this.options.openWorkload(name);
      const launch = await this.#launch(module, injected);
      module.expectedExit = false;
      module.process = await ModuleProcess.spawn(launch, {
        onLine: (stream, line) => {
          module.log.append(line);
          this.options.onLine(name, stream, line);
        },
        onExit: (exit) => {
          if (module.expectedExit) return;
          void this.#unpublish(module).finally(() => {
            // A stop that came meanwhile reports the end itself.
            if (!module.expectedExit) onExit(exit);
          });
        },
      });
    } catch (error) {
      await this.#unpublish(module);
      throw error;
    }
  }

  async stop(name: string): Promise<ModuleExit> {
    const module = this.#module(name);
    module.expectedExit = true;
    // As the Edge daemon does: nothing is signed any more while a module takes its leave. Nothing is awaited before the
    // signal, so that modules that are stopped together hear of it in the order of the calls.
    const { stopSignal, stopTimeoutMs } = module.spec.createOptions;
    const [exit] = await Promise.all([
      module.process?.stop(stopSignal as NodeJS.Signals, stopTimeoutMs),
      this.options.closeWorkload(name),
    ]);
    await this.#unpublish(module);
    return exit ?? { code: 0, description: 'it did not run' };
  }

  async remove(name: string): Promise<void> {
    const module = this.#modules.get(name);
    if (module === undefined) return;
    await this.#unpublish(module);
    await module.log.close();
    await rm(module.hostsFile, { force: true });
    await rm(this.#scratch(name), { recursive: true, force: true });
    this.#modules.delete(name);
    await this.#writeHosts();
  }

  describe(
    name: string,
  ): { pid?: number; address: string; ports: readonly PublishedPort[]; command: string } | undefined {
    const module = this.#modules.get(name);
    if (module === undefined) return undefined;
    return {
      ...(module.process === undefined ? {} : { pid: module.process.pid }),
      address: module.address,
      ports: this.#ports(module),
      command: describeCommand(module.program, module.spec.createOptions.args),
    };
  }

  #module(name: string): Module {
    const module = this.#modules.get(name);
    if (module === undefined) throw new Error(`module ${name} is not created`);
    return module;
  }

  #home(name: string): string {
    return path.join(this.options.stateDir, 'homes', name);
  }

  #scratch(name: string): string {
    return path.join(this.options.runDir, `mounts-${name}`);
  }

  async #launch(
    { spec, program, address, binds, hostsFile, warned }: Module,
    injected: Readonly<Record<string, string>>,
  ): Promise<Launch> {
    const env = moduleEnvironment({
      spec,
      program,
      address,
      home: this.#home(spec.name),
      injected,
      extra: this.options.extraEnv[spec.name] ?? {},
    });
    const { args } = spec.createOptions;
    if (this.options.isolation === 'namespaces') {
      const scratch = this.#scratch(spec.name);
      await mkdir(scratch, { recursive: true, mode: 0o700 });
      const hosts: ResolvedBind = { source: hostsFile, target: '/etc/hosts', readOnly: false };
      return launchInNamespace(program, args, env, await planMounts([hosts, ...binds], scratch));
    }
    const warn = (text: string) => {
      if (!warned.has(text)) this.options.onWarning(spec.name, text);
      warned.add(text);
    };
    if (!program.isNode)
      warn(
        'module names do not resolve in this program: only Node modules get them where mount namespaces cannot be had',
      );
    const emulated = rewritePaths(env, binds);
    for (const { source, target } of binds) {
      const used = Object.keys(env).filter(
        (key) => emulated[key] !== env[key] && (env[key] === target || env[key]?.startsWith(`${target}/`)),
      );
      if (used.length === 0) {
        throw new Error(
          `bind ${source}:${target} cannot be had: no mount namespaces here, and no environment variable of the module names ${target}`,
        );
      }
      warn(
        `bind ${source}:${target} is no mount here: ${used.join(', ')} ${used.length === 1 ? 'names' : 'name'} ${source} instead`,
      );
    }
    return launchWithPreload(program, args, emulated, hostsFile);
  }

  async #publish(module: Module): Promise<void> {
    const { ports } = module.spec.createOptions;
    for (const { containerPort, hostIp, hostPort } of ports) {
      const host = ANY_ADDRESS.has(hostIp) ? this.options.hostAddress : hostIp;
      if (host === module.address && hostPort === containerPort) continue;
      try {
        module.forwarders.push(
          await startForwarder({ host, port: hostPort }, { host: module.address, port: containerPort }),
        );
      } catch (error) {
        await this.#unpublish(module);
        throw new Error(`port ${containerPort} cannot be published: ${(error as Error).message}`);
      }
    }
  }

  async #unpublish(module: Module): Promise<void> {
    delete module.process;
    const forwarders = module.forwarders.splice(0);
    await Promise.all(forwarders.map((forwarder) => forwarder.close()));
    await this.options.closeWorkload(module.spec.name);
  }

  #ports({ spec, forwarders, address }: Module): PublishedPort[] {
    const forwarded = forwarders.map((forwarder) => ({
      container: `${forwarder.targetPort}/tcp`,
      host: `${forwarder.host}:${forwarder.port}`,
    }));
    const direct = spec.createOptions.ports
      .filter(
        ({ hostIp, hostPort, containerPort }) =>
          hostPort === containerPort && (ANY_ADDRESS.has(hostIp) ? this.options.hostAddress : hostIp) === address,
      )
      .map(({ containerPort }) => ({ container: `${containerPort}/tcp`, host: `${address}:${containerPort}` }));
    return [...forwarded, ...direct];
  }

  async #writeHosts(): Promise<void> {
    const names = new Map([[this.options.gatewayHostName, this.options.addresses.gateway]]);
    for (const [name, { address }] of this.#modules) names.set(name, address);
    await Promise.all(
      [...this.#modules.values()].map(({ hostsFile, hostsBase }) => writeHostsFile(hostsFile, names, hostsBase)),
    );
  }
}
