import { createInterface } from 'node:readline';
import { createLog } from '@edgeslot/edge-module/log';
import { Lease } from '../../lease/lease.js';
import type { Package } from '../../model/package.js';
import { Slot } from '../../slot/slot.js';
import { FakeDevice, fakePackage } from '../fake-device.js';
import { DEVICE, Witness } from './witness.js';

/**
 * A module with the real slot and the real lease, and a device that only takes time and is watched: DIRECTORY NAME. Takes
 * `wish MODEL` and `close` on its standard input, writes the slot's states to its standard output.
 */
const [directory = '', name = ''] = process.argv.slice(2);

const witness = new Witness(directory);
const log = createLog({ level: 'error', write: (line) => process.stderr.write(line) });
const lease = new Lease({ directory, device: DEVICE, module: name, log });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, Math.random() * ms));

class WatchedDevice extends FakeDevice {
  #epoch: number | undefined;

  override async load(model: Package, signal?: AbortSignal): Promise<void> {
    this.#epoch ??= await witness.begin(lease.epoch);
    await pause(10);
    witness.check(this.#epoch);
    signal?.throwIfAborted();
    await super.load(model, signal);
  }

  override async unload(): Promise<void> {
    await pause(5);
    if (this.#epoch !== undefined) witness.end(this.#epoch);
    this.#epoch = undefined;
    await super.unload();
  }
}

const slot = new Slot({
  device: new WatchedDevice(),
  open: async (reference) => fakePackage(reference.name, reference.version),
  gate: lease,
});
lease.attach(slot);
slot.onState(({ state, model, error }) =>
  process.stdout.write(`${JSON.stringify({ state, model: model?.name, error: error?.code, epoch: lease.epoch })}\n`),
);

const close = async () => {
  await slot.close(100);
  await lease.close();
  process.exit(0);
};
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [verb, model = ''] = line.split(' ');
    if (verb === 'wish') void slot.aspire({ name: model }, 'rpc');
    if (verb === 'close') void close();
  })
  .on('close', () => process.exit(0));
process.stdout.write('{"state":"ready"}\n');
