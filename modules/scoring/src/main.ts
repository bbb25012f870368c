import { createRequire } from 'node:module';
import { type RunningModule, runModule } from '@edgeslot/edge-module/lifecycle';
import { createLog, type Log } from '@edgeslot/edge-module/log';
import { composeServer, type ScoringServer } from './compose-server.js';
import { type Config, loadConfig } from './config/index.js';
import { listeningLine, printLine, startServer } from './serve.js';

/** How long the start waits for the twin; without it the start-up configuration holds until the hub is there. */
const TWIN_WAIT_MS = 3000;

const { env } = process;
const config = readConfig();
if (config) {
  const log = createLog({ level: config.logLevel });
  if (config.leaseDir) log.warning(`LEASE_DIR is ${config.leaseDir}: this version takes no lease; one module per card`);
  const start = hasHub() ? startUnderHub : startAlone;
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

/** Whether an Edge runtime started this process, or a developer gave it a connection string. The SDK is not loaded for it. */
function hasHub(): boolean {
  return Object.keys(env).some((name) => name.startsWith('IOTEDGE_')) || Boolean(env.EdgeHubConnectionString);
}

function startAlone(config: Config, log: Log, signal: AbortSignal): Promise<RunningModule> {
  log.info('no Edge runtime in the environment: serving without a hub');
  return startServer(config, { log, env, signal });
}

/** A model that cannot be loaded does not end the module here: its twin can name another. */
async function startUnderHub(config: Config, log: Log): Promise<RunningModule> {
  const startedAt = new Date().toISOString();
  const [{ connectEdgeModule }, { connectHub, configWithDesired }] = await Promise.all([
    import('@edgeslot/edge-module'),
    import('./hub/index.js'),
  ]);
  const module = connectEdgeModule({ log });
  try {
    const configure = async (): Promise<Config> => {
      module.start();
      return configWithDesired(config, (await module.whenDesired(TWIN_WAIT_MS))?.properties);
    };
    const server = await composeServer(config, { log, env, configure });
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
    await module.stop();
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
