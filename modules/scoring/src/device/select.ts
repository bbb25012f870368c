import { asScoringError, scoringError } from '../errors.js';
import { within } from '../within.js';
import type { Device, DeviceChoice, DeviceKind, DeviceSelection } from './device.js';

/** What the probe of a Catapult card says; `@edgeslot/native` has more to tell. */
export interface CardProbe {
  readonly available: boolean;
  /** One readable line. */
  readonly reason: string;
}

export interface SelectDependencies {
  readonly probeCatapult: () => Promise<CardProbe>;
  /** Throws when the emulator cannot run on this host. */
  readonly createEmulator: () => Device;
  /** Bound on the probe in milliseconds; a driver that hangs must not hang the module. */
  readonly probeTimeoutMs?: number;
}

/**
 * Chooses the device: `auto` tries the card, then the emulator; a named kind is the only one tried. Why each candidate
 * was passed over is kept.
 *
 * @throws ScoringError DEVICE_NONE with every reason
 */
export async function selectDevice(choice: DeviceChoice, deps: SelectDependencies): Promise<DeviceSelection> {
  const rejected: { kind: DeviceKind; reason: string }[] = [];
  if (choice !== 'emulator') rejected.push({ kind: 'catapult', reason: await whyNoCard(deps) });
  if (choice !== 'catapult') {
    try {
      const device = deps.createEmulator();
      const reason = rejected[0]?.reason ?? 'the emulator was asked for';
      return { device, reason, rejected };
    } catch (error) {
      rejected.push({ kind: 'emulator', reason: asScoringError(error).message });
    }
  }
  throw scoringError('DEVICE_NONE', rejected.map(({ kind, reason }) => `${kind}: ${reason}`).join('; '));
}

/** What a card runs is not public: without the vendor's library a card that is there can be told, but not used. */
async function whyNoCard({ probeCatapult, probeTimeoutMs = 5000 }: SelectDependencies): Promise<string> {
  const late = { available: false, reason: `the probe of the card did not answer within ${probeTimeoutMs} ms` };
  try {
    const { available, reason } = await within(probeCatapult(), probeTimeoutMs, () => late);
    return available ? `${reason}; there is no vendor library to run models on it` : reason;
  } catch (error) {
    return `the probe of the card failed: ${(error as Error).message}`;
  }
}
