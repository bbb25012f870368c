import { createRequire } from 'node:module';
import type { EdgeModule } from '@edgeslot/edge-module';
import { isEdgeEnvironment } from '@edgeslot/edge-module/environment';
import { type RunningModule, runModule } from '@edgeslot/edge-module/lifecycle';
import { createLog, type Log } from '@edgeslot/edge-module/log';
import { composeServer, type ScoringServer } from './compose-server.js';
import { type Config, loadConfig } from './config/index.js';
import { configWithDesired, connectHub, openTelemetrySpool } from './hub/index.js';
import { addHubMetrics } from './observe/hub-metrics.js';
import { listeningLine, printLine, startServer } from './serve.js';

/** How long the start waits for the twin; without it the start-up configuration holds until the hub is there. */
const TWIN_WAIT_MS = 3000;

const { env } = process;
const config = readConfig();
if (config) {
  const log = createLog({ level: config.logLevel });
  const start = isEdgeEnvironment() ? startUnderHub : startAlone;
  runModule((signal) => start(config, log, signal), { log });
}

function readConfig(): Config | undefined {
  try {
    return loadConfig({ env, argv: process.argv.slice(2) });
  } catch (error) {
    const log = createLog();
    for (const finding of (error as Error).message.split('\n')) log.fatal(`configuration: ${finding}`);
    process.exitCode = 1;
    return undefined;
  }
}

function startAlone(config: Config, log: Log, signal: AbortSignal): Promise<RunningModule> {
  log.info('no Edge runtime in the environment: serving without a hub');
  return startServer(config, { log, env, signal });
}

/** A model that cannot be loaded does not end the module here: its twin can name another. */
async function startUnderHub(config: Config, log: Log, signal: AbortSignal): Promise<RunningModule> {
  const startedAt = new Date().toISOString();
  let connected: EdgeModule | undefined;
  try {
    const configure = async (): Promise<Config> => {
      // Loading the SDK takes a moment; the ports are bound before it.
      const { connectEdgeModule } = await import('@edgeslot/edge-module');
      const spool = await openTelemetrySpool(config, env, log);
      const module = connectEdgeModule({ log, ...(spool && { outbox: { spool } }) });
      connected = module;
      module.start();
      return configWithDesired(config, (await module.whenDesired(TWIN_WAIT_MS, signal))?.properties);
    };
    const server = await composeServer(config, { log, env, configure });
    const module = connected!;
    addHubMetrics(server.metrics.registry, module);
    printWhenAvailable(server);
    if (!server.firstModel) log.warning('no model: neither MODEL_NAME nor the twin names one');
    const hub = connectHub({ module, server, config, version: ownVersion(), log, startedAt });
    return {
      stop: async () => {
        await server.stop();
        hub.stop();
        await module.stop();
      },
    };
  } catch (error) {
    await connected?.stop();
    throw error;
  }
}

function printWhenAvailable(server: ScoringServer): void {
  const { slot } = server;
  const print = () => {
    if (slot.state.state !== 'AVAILABLE') return;
    end();
    printLine(listeningLine(server));
  };
  const end = slot.onState(print);
  print();
}

function ownVersion(): string {
  return (createRequire(import.meta.url)('../package.json') as { version: string }).version;
}
