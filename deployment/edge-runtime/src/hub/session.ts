import { InputQueue } from './input-queue.js';
import type { ModuleConnection } from './module-connection.js';
import { type Feature, featureOf, type QoS } from './topics.js';

/** What the hub keeps of a module between its connections: the messages and calls that wait for it. */
export class Session {
  readonly inputs: InputQueue;
  connection: ModuleConnection | undefined;
  readonly #onReady = new Set<() => void>();
  readonly #waiting = new Set<(result: boolean) => void>();

  constructor(
    readonly deviceId: string,
    readonly moduleId: string,
    log: (text: string) => void,
  ) {
    this.inputs = new InputQueue(this, log);
  }

  detach(): void {
    this.connection = undefined;
    this.inputs.interrupted();
  }

  /** After SUBACK, or when a session goes on: what waited for a subscription may come now. */
  ready(): void {
    for (const listener of [...this.#onReady]) listener();
    this.inputs.pump();
  }

  /** QoS at which a connected module takes a feature's messages, or nothing. */
  qosOf(feature: Feature): QoS | undefined {
    let best: QoS | undefined;
    for (const [filter, qos] of this.connection?.subscriptions ?? []) {
      if (featureOf(filter) === feature && (best === undefined || qos > best)) best = qos;
    }
    return best;
  }

  /** Resolves true when the module listens to the feature, false after the time. */
  async listensTo(feature: Feature, timeoutMs: number): Promise<boolean> {
    if (this.qosOf(feature) !== undefined) return true;
    if (timeoutMs <= 0) return false;
    return new Promise((resolve) => {
      const check = () => {
        if (this.qosOf(feature) !== undefined) finish(true);
      };
      const finish = (result: boolean) => {
        clearTimeout(timer);
        this.#onReady.delete(check);
        this.#waiting.delete(finish);
        resolve(result);
      };
      const timer = setTimeout(() => finish(false), timeoutMs);
      this.#onReady.add(check);
      this.#waiting.add(finish);
    });
  }

  end(): void {
    for (const finish of [...this.#waiting]) finish(false);
    this.inputs.clear();
    this.connection?.close('the hub stops');
  }
}
