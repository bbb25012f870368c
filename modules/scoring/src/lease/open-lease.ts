import { hostname } from 'node:os';
import type { Log } from '@edgeslot/edge-module/log';
import type { DeviceInfo } from '../device/device.js';
import { Lease } from './lease.js';

export interface OpenLeaseOptions {
  /** None: this process is the only one that uses the device. */
  readonly directory: string | undefined;
  /** As it was selected; a card that fails later is still the card that is leased. */
  readonly device: Pick<DeviceInfo, 'kind'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
}

/** The lease of the device that was selected, if a directory for it is set. Takes nothing yet. */
export function openLease({ directory, device, env, log }: OpenLeaseOptions): Lease | undefined {
  if (!directory) return undefined;
  const name = device.kind === 'emulator' ? 'emulator' : 'catapult0';
  return new Lease({ directory, device: name, module: env.IOTEDGE_MODULEID ?? `serve@${hostname()}`, log });
}
