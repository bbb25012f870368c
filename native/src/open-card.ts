import { randomBytes } from 'node:crypto';
import { basename, join } from 'node:path';
import { type AddonLoad, loadAddon } from './addon.js';
import { BoundCard } from './bound-card.js';
import type { Card, OpenOptions } from './card.js';
import { DeviceError } from './device-error.js';
import type { CardAddon } from './native-card.js';

const SYSFS = '/sys/class/catapult';

/**
 * Takes a card for this process: the node is opened, every slot held, the role reset.
 *
 * @throws DeviceError BUSY when this process or another holds it, INCOMPATIBLE for a function that is not the role or
 *   for another driver, NOT_SUPPORTED without the native addon, NO_DEVICE, ACCESS, LOST, TIMEOUT; TypeError
 */
export async function openCard(path: string, options: OpenOptions = {}, load = loadAddon): Promise<Card> {
  const {
    sysfs = join(SYSFS, basename(path)),
    epoch = randomBytes(4).readUInt32LE(),
    slots = 2,
    driverLibrary = '',
    driverOwner = 0,
  } = options;
  const native = await cardAddon(load).openCard({ path, sysfs, epoch, slots, driverLibrary, driverOwner });
  return new BoundCard(native);
}

/**
 * A card that another thread of this process has opened.
 *
 * @throws DeviceError CANCELLED when it is closed, NOT_SUPPORTED without the native addon
 */
export function attachCard(token: number, load: () => AddonLoad = loadAddon): Card {
  return new BoundCard(cardAddon(load).attachCard(token));
}

function cardAddon(load: () => AddonLoad): CardAddon {
  const loaded = load();
  if ('error' in loaded) throw new DeviceError('NOT_SUPPORTED', `the native addon is not built: ${loaded.error}`);
  const { openCard, attachCard, useErrorClass } = loaded.addon;
  if (!openCard || !attachCard || !useErrorClass)
    throw new DeviceError(
      'NOT_SUPPORTED',
      'the native addon drives no card on this platform, or was built before it did',
    );
  useErrorClass(DeviceError);
  return { openCard, attachCard, useErrorClass };
}
