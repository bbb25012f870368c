import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ModuleStatus, RuntimeEvent } from '../control/control-api.js';
import { type Runtime, type RuntimeOptions, startRuntime } from '../runtime.js';

export const FIXTURE_IMAGES = fileURLToPath(new URL('../../src/testing/images', import.meta.url));
type Json = Readonly<Record<string, unknown>>;

export interface FixtureModule {
  readonly image?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly createOptions?: Json | string;
  readonly restartPolicy?: string;
  readonly status?: string;
  readonly startupOrder?: number;
}

/** A manifest of probe modules, complete as a device would want it. */
export function fixtureManifest(
  modules: Readonly<Record<string, FixtureModule>>,
  twins: Readonly<Record<string, Json>> = {},
  routes: Json = {},
): { modulesContent: Record<string, { 'properties.desired': Json }> } {
  const system = (image: string) => ({ type: 'docker', settings: { image, createOptions: '' } });
  const entries = Object.entries(modules).map(
    ([name, { image = 'fixtures/probe:1', env = {}, createOptions = '', ...rest }]) => {
      const text = typeof createOptions === 'string' ? createOptions : JSON.stringify(createOptions);
      const settings = { image, createOptions: text };
      const wrapped = Object.fromEntries(Object.entries(env).map(([key, value]) => [key, { value }]));
      return [
        name,
        { version: '1.0', type: 'docker', status: 'running', restartPolicy: 'always', env: wrapped, settings, ...rest },
      ];
    },
  );
  const agent = {
    schemaVersion: '1.1',
    runtime: { type: 'docker', settings: { minDockerVersion: 'v1.25' } },
    systemModules: {
      edgeAgent: system('mcr.microsoft.com/azureiotedge-agent:1.5'),
      edgeHub: { ...system('mcr.microsoft.com/azureiotedge-hub:1.5'), status: 'running', restartPolicy: 'always' },
    },
    modules: Object.fromEntries(entries) as Json,
  };
  const hub = { schemaVersion: '1.1', routes, storeAndForwardConfiguration: { timeToLiveSecs: 7200 } };
  const own = Object.entries(twins).map(([name, desired]) => [name, { 'properties.desired': desired }]);
  return {
    modulesContent: {
      $edgeAgent: { 'properties.desired': agent },
      $edgeHub: { 'properties.desired': hub },
      ...Object.fromEntries(own),
    },
  };
}

/** A runtime on a state directory of its own, with everything it said. */
export class TestRuntime {
  readonly events: RuntimeEvent[];
  readonly logLines: string[];

  private constructor(
    readonly runtime: Runtime,
    readonly stateDir: string,
    heard: { events: RuntimeEvent[]; logLines: string[] },
  ) {
    this.events = heard.events;
    this.logLines = heard.logLines;
  }

  static async start(options: Partial<RuntimeOptions> & { readonly manifest: Json | string }): Promise<TestRuntime> {
    const stateDir = options.stateDir ?? (await mkdtemp(path.join(tmpdir(), 'edgeslot-runtime-')));
    const heard = { events: [] as RuntimeEvent[], logLines: [] as string[] };
    const runtime = await startRuntime({
      modulesRoot: FIXTURE_IMAGES,
      hostAddress: 'auto',
      ...options,
      stateDir,
      onEvent: (event) => heard.events.push(event),
      log: (level, text) => heard.logLines.push(`${level}: ${text}`),
    });
    return new TestRuntime(runtime, stateDir, heard);
  }

  async module(name: string): Promise<ModuleStatus | undefined> {
    return (await this.runtime.status()).modules.find((module) => module.name === name);
  }

  /** Asks a probe module, once it answers. */
  async ask<T = Json>(name: string, pathAndQuery = '/', port = 8080): Promise<T> {
    return this.until(`${name} to answer ${pathAndQuery}`, async () => {
      const status = await this.module(name);
      if (status?.runtimeStatus !== 'running') return undefined;
      return get<T>(status.address, port, pathAndQuery).catch(() => undefined);
    });
  }

  async until<T>(
    what: string,
    look: () => Promise<T | undefined | false> | T | undefined | false,
    boundMs = 20_000,
  ): Promise<T> {
    const end = Date.now() + boundMs;
    for (;;) {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      if (Date.now() > end) throw new Error(`waited ${boundMs} ms for ${what}; last events:\n${this.tail()}`);
      await delay(20);
    }
  }

  async end(): Promise<void> {
    await this.runtime.stop('the test is over');
    await rm(this.stateDir, { recursive: true, force: true });
  }

  private tail(): string {
    return [...this.events.slice(-15).map((event) => JSON.stringify(event)), ...this.logLines.slice(-5)].join('\n');
  }
}

export function get<T = Json>(host: string, port: number, pathAndQuery: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host, port, path: pathAndQuery, agent: false, timeout: 5_000 }, async (response) => {
      let text = '';
      for await (const chunk of response) text += String(chunk);
      resolve(JSON.parse(text) as T);
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in 5 s')));
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/** A zombie that nobody has collected yet does not run any more. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && process.platform !== 'linux';
  }
}
