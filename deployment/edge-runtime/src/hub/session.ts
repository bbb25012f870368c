import type { QoS } from 'mqtt-packet';
import { InputQueue } from './input-queue.js';
import type { MqttConnection } from './mqtt-connection.js';
import { type Feature, featureOf } from './topics.js';

/** Filters one module may hold; the SDKs use four. */
const MAX_SUBSCRIPTIONS = 64;

/**
 * What the hub keeps of a module between its connections: subscriptions (the SDKs reconnect without subscribing again)
 * and the messages that wait for its inputs. It lives as long as the module is known.
 */
export class Session {
  readonly inputs: InputQueue;
  connection: MqttConnection | undefined;
  clean = true;
  #subscriptions = new Map<string, QoS>();
  readonly #onSubscribed = new Set<() => void>();
  readonly #waiting = new Set<(result: boolean) => void>();

  constructor(
    readonly deviceId: string,
    readonly moduleId: string,
    log: (text: string) => void,
  ) {
    this.inputs = new InputQueue(this, log);
  }

  /** True when an earlier session goes on. */
  attach(connection: MqttConnection, clean: boolean): boolean {
    const present = !clean && !this.clean;
    if (clean) this.#subscriptions.clear();
    this.clean = clean;
    this.connection = connection;
    return present;
  }

  detach(): void {
    this.connection = undefined;
    if (this.clean) this.#subscriptions.clear();
    this.inputs.interrupted();
  }

  /** Grants what was asked, at most QoS 1; false = too many filters. */
  subscribe(filter: string, requested: QoS): QoS | false {
    if (this.#subscriptions.size >= MAX_SUBSCRIPTIONS && !this.#subscriptions.has(filter)) return false;
    const granted = requested > 0 ? 1 : 0;
    this.#subscriptions.set(filter, granted);
    return granted;
  }

  /** After SUBACK, or after CONNACK of a session that goes on: what waited for a subscription may come now. */
  ready(): void {
    for (const listener of [...this.#onSubscribed]) listener();
    this.inputs.pump();
  }

  unsubscribe(filter: string): void {
    this.#subscriptions.delete(filter);
  }

  /** QoS at which a connected module takes a feature's messages, or nothing. */
  qosOf(feature: Feature): QoS | undefined {
    if (this.connection === undefined) return undefined;
    let best: QoS | undefined;
    for (const [filter, qos] of this.#subscriptions) {
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
        this.#onSubscribed.delete(check);
        this.#waiting.delete(finish);
        resolve(result);
      };
      const timer = setTimeout(() => finish(false), timeoutMs);
      this.#onSubscribed.add(check);
      this.#waiting.add(finish);
    });
  }

  end(): void {
    for (const finish of [...this.#waiting]) finish(false);
    this.inputs.clear();
    this.connection?.destroy();
  }
}
