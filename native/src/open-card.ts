import { randomInt } from 'node:crypto';
import { basename } from 'node:path';
import { type AddonLoad, loadAddon } from './addon.js';
import type { Card, OpenOptions } from './card.js';
import { DeviceError } from './device-error.js';

/**
 * Takes a card for this process: the node is opened, every slot held, the role reset.
 *
 * @throws DeviceError BUSY when this process or another holds it, INCOMPATIBLE for a function that is not the role or
 *   another driver, NOT_SUPPORTED without the native addon, NO_DEVICE, ACCESS, LOST
 */
export async function openCard(path: string, options: OpenOptions = {}, load = loadAddon): Promise<Card> {
  throw new DeviceError(
    'NOT_SUPPORTED',
    `${path} ${JSON.stringify(options)} ${basename(path)} ${randomInt(1)} ${load}`,
  );
}

/** A card that another thread of this process has opened. @throws DeviceError CANCELLED when it is closed. */
export function attachCard(token: number, load: () => AddonLoad = loadAddon): Card {
  throw new DeviceError('NOT_SUPPORTED', `${token} ${load}`);
}
