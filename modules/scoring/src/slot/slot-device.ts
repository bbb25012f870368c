import type { Device } from '../device/device.js';
import { asScoringError } from '../errors.js';
import type { Package } from '../model/package.js';
import type { DeviceGate } from './device-gate.js';
import type { SwapMemory, SwapOutcome } from './slot-state.js';
import { warmUp } from './warm-up.js';
import type { Wish } from './wish.js';

/** What may hinder a model from being built beside another one, and not from being loaded in its place. */
const NO_OBSTACLES: readonly string[] = ['SWAP_MEMORY', 'DEVICE_LOST'];

export interface SlotDeviceOptions {
  readonly device: Device;
  readonly gate?: DeviceGate | undefined;
  readonly warmUpTimeoutMs: number;
}

/** A load that was not begun because the device may not be used for now. */
export class GateClosed extends Error {
  constructor(override readonly cause: unknown) {
    super('the device may not be used');
  }
}

/** What the slot does with its device, each step with its bound. */
export class SlotDevice {
  /** The device lost its model before it was held. */
  #loss: Error | undefined;

  constructor(private readonly options: SlotDeviceOptions) {}

  get gateShut(): boolean {
    return this.options.gate?.open === false;
  }

  /**
   * Builds the wish's model beside the one that serves, and has it answer a frame, as far as device and memory allow.
   * @throws what makes the model unfit
   */
  async prepare(wish: Wish, model: Package, mode: SwapMemory): Promise<SwapOutcome['memory']> {
    const { device, warmUpTimeoutMs } = this.options;
    if (mode === 'preserve') return { mode };
    if (!device.prepare) return { mode: 'preserve', text: 'this device prepares nothing beside its model' };
    const prepare = () => device.prepare!(model, wish.signal);
    try {
      await wish.timed('prepare', prepare);
      const { prepared } = device;
      if (prepared) {
        await wish.timed('warmup', () => warmUp(prepared, model, warmUpTimeoutMs, wish.signal));
        wish.warm = true;
      }
      return { mode };
    } catch (thrown) {
      const error = asScoringError(thrown);
      if (!NO_OBSTACLES.includes(error.code)) throw error;
      return { mode: 'preserve', text: error.message };
    }
  }

  /**
   * Loads and warms up, or leaves the device empty.
   * @throws GateClosed before anything was done; what the device says of the model
   */
  async load(model: Package, signal: AbortSignal, wish?: Wish): Promise<void> {
    const { device, gate, warmUpTimeoutMs } = this.options;
    const timed: Wish['timed'] = (stage, work) => (wish ? wish.timed(stage, work) : work());
    this.#loss = undefined;
    await gate?.pass(signal).catch((error: unknown) => {
      throw signal.aborted ? error : new GateClosed(error);
    });
    signal.throwIfAborted();
    try {
      await timed('load', () => device.load(model, signal));
      // What was prepared may have been for another card or the emulator than the one that took the model.
      if (!wish?.warm || device.prepared) await timed('warmup', () => warmUp(device, model, warmUpTimeoutMs, signal));
      if (this.#loss) throw this.#loss;
    } catch (error) {
      await this.empty();
      throw error;
    }
  }

  /** A device that cannot unload says so again when it is loaded; that is where the failure is told. */
  async empty(): Promise<void> {
    await this.options.device.unload().catch(() => {});
  }

  /** Empties the device and lets go of the hardware, until the next load. */
  async release(): Promise<void> {
    await this.empty();
    await this.options.device.release?.().catch(() => {});
  }

  lostWhileLoading(error: Error): void {
    this.#loss = error;
  }
}
