import type { DesiredListener } from '../edge-module-api.js';
import type { Desired, NamedSections } from './desired-twin.js';

/** Brings the desired properties to one listener, one call at a time; changes meanwhile are one call, of the newest. */
export class DesiredDelivery {
  #running = false;
  #named: Set<string> | undefined;

  constructor(
    private readonly listener: DesiredListener,
    private readonly newest: () => Desired,
    private readonly onError: (error: unknown) => void,
  ) {}

  bring(named: NamedSections): void {
    this.#named = new Set([...(this.#named ?? []), ...named]);
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    // Whoever asks in the middle of something else is called after it.
    await Promise.resolve();
    while (this.#named) {
      const named = this.#named;
      this.#named = undefined;
      const { properties, version } = this.newest();
      try {
        await this.listener(properties, version, named);
      } catch (error) {
        this.onError(error);
      }
    }
    this.#running = false;
  }
}
