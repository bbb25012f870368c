/** Whether this process may use the device now: a lease, where several modules share one. */
export interface DeviceGate {
  /** Whether it may be used already. While not, a model is built as far as it can be without the device. */
  readonly open: boolean;
  /**
   * Resolves once the device may be used, at once when it may already; asked before every load, as late as possible.
   *
   * @throws ScoringError one of the LEASE_ codes when it may not be used for now: the slot waits until it is resumed
   */
  pass(signal: AbortSignal): Promise<void>;
}
