/** Counts the frames that are in the device, and tells when none is left. */
export class Handles {
  #count = 0;
  #idle: (() => void) | undefined;

  get count(): number {
    return this.#count;
  }

  /** Takes one handle; what it returns gives it back, once. */
  take(): () => void {
    this.#count++;
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      if (--this.#count === 0) this.#idle?.();
    };
  }

  /** Waits until none is left; gives up after `timeoutMs` or when aborted, and never cancels anything. */
  drained(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (this.#count === 0 || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        this.#idle = undefined;
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      signal?.addEventListener('abort', done, { once: true });
      this.#idle = done;
    });
  }
}
