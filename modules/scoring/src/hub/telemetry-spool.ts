import { join } from 'node:path';
import type { Spool } from '@edgeslot/edge-module';
import type { Log } from '@edgeslot/edge-module/log';
import type { Config } from '../config/index.js';

/**
 * Where this module's messages wait while the hub is away, in a directory of the module's own below TELEMETRY_DIR, because
 * several modules of a device may be given the same one. None when it is not set, or cannot be used: they then wait in
 * memory.
 */
export async function openTelemetrySpool(
  { telemetryDir, telemetryMaxBytes }: Pick<Config, 'telemetryDir' | 'telemetryMaxBytes'>,
  env: Readonly<Record<string, string | undefined>>,
  log: Log,
): Promise<Spool | undefined> {
  if (telemetryDir === undefined) return undefined;
  // With the device SDK, which takes a moment to load.
  const { Spool } = await import('@edgeslot/edge-module');
  const directory = join(telemetryDir, env.IOTEDGE_MODULEID || 'module');
  try {
    const onFault = (text: string) => log.warning(`telemetry: ${text}`);
    const spool = new Spool({ directory, maxBytes: telemetryMaxBytes, onFault });
    if (spool.waiting > 0) log.info(`telemetry: ${spool.waiting} messages wait in ${directory} since the last run`);
    return spool;
  } catch (error) {
    const why = (error as Error).message;
    log.error(
      `TELEMETRY_DIR is ${telemetryDir}: ${why}; expected a directory that can be written; messages wait in memory`,
    );
    return undefined;
  }
}
