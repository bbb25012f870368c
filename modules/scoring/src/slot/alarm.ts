/** Sleep that can be cut short. */
export class Alarm {
  #ring: () => void = () => {};

  /** Sleeps until `ring`, or for `delayMs` at most. */
  sleep(delayMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = delayMs === undefined ? undefined : setTimeout(resolve, delayMs);
      this.#ring = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  ring(): void {
    this.#ring();
  }
}
