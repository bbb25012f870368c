import { Backoff, pause, withTimeout } from './bounded.js';
import { checkEdgeEnvironment } from './connection/environment.js';
import type {
  ConnectionFactory,
  HubConnection,
  InputHandler,
  MethodHandler,
  MethodOptions,
} from './connection/hub-connection.js';
import { makeSdkConnection } from './connection/sdk-connection.js';
import {
  DEFAULT_TIMINGS,
  type DesiredListener,
  type EdgeModule,
  type EdgeModuleCounters,
  type EdgeModuleOptions,
  type EdgeModuleTimings,
} from './edge-module-api.js';
import type { Log } from './log.js';
import { Outbox } from './outbox.js';
import { DesiredDelivery } from './twin/desired-delivery.js';
import { type Desired, DesiredTwin, type NamedSections } from './twin/desired-twin.js';
import type { JsonObject } from './twin/merge-patch.js';
import { ReportedTwin } from './twin/reported-twin.js';

/** Makes the module's side of the hub; nothing happens before `start`. A `ping` method is always there. */
export function connectEdgeModule(options: EdgeModuleOptions): EdgeModule {
  return new ConnectedModule(options);
}

class ConnectedModule implements EdgeModule {
  readonly #log: Log;
  readonly #connect: ConnectionFactory;
  readonly #timings: EdgeModuleTimings;
  readonly #checkEnvironment: boolean;
  readonly #abort = new AbortController();
  readonly #outbox: Outbox;
  readonly #desired = new DesiredTwin();
  readonly #reported = new ReportedTwin();
  readonly #methods = new Map<string, { readonly handler: MethodHandler; readonly options: MethodOptions }>();
  readonly #inputs = new Map<string, InputHandler>();
  readonly #deliveries: DesiredDelivery[] = [];
  /** From when methods and inputs are registered on it. */
  #open: HubConnection | undefined;
  /** From when the twin is known. */
  #connection: HubConnection | undefined;
  #running: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #connections = 0;
  #reportsRefused = 0;

  constructor(options: EdgeModuleOptions) {
    this.#log = options.log;
    this.#connect = options.connect ?? makeSdkConnection;
    this.#checkEnvironment = options.connect === undefined;
    this.#timings = { ...DEFAULT_TIMINGS, ...options.timings };
    this.#outbox = new Outbox(options.outbox);
    // A connection without any listener is lost in silence; a method is the cheapest one.
    this.onMethod('ping', () => ({ status: 200, payload: { status: 'ok' } }));
  }

  get connected(): boolean {
    return this.#connection !== undefined;
  }

  get desired(): Desired | undefined {
    return this.#desired.current;
  }

  get counters(): EdgeModuleCounters {
    return {
      ...this.#outbox.counters,
      connections: this.#connections,
      reportsRefused: this.#reportsRefused,
    };
  }

  start(): void {
    if (this.#checkEnvironment) checkEdgeEnvironment();
    this.#running ??= this.#run();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async whenDesired(timeoutMs: number, signal?: AbortSignal): Promise<Desired | undefined> {
    if (this.desired) return this.desired;
    const known = new Promise<void>((resolve) => this.onDesired(() => resolve()));
    await withTimeout(known, timeoutMs, 'desired properties', signal).catch(() => {});
    return this.desired;
  }

  onDesired(listener: DesiredListener): void {
    const delivery = new DesiredDelivery(
      listener,
      () => this.desired!,
      (error) => this.#log.error('applying the desired properties', error),
    );
    this.#deliveries.push(delivery);
    if (this.desired) delivery.bring(new Set(Object.keys(this.desired.properties)));
  }

  report(section: string, value: JsonObject | null): void {
    const fault = this.#reported.set(section, value);
    if (!fault) return;
    this.#reportsRefused++;
    this.#log.error(`reported section ${section} not sent: ${fault}`);
  }

  reportOnly(sections: Iterable<string>): void {
    this.#reported.keepOnly(sections);
  }

  onMethod(name: string, handler: MethodHandler, options: MethodOptions = {}): void {
    if (this.#methods.has(name) && name !== 'ping') throw new Error(`method ${name} is already registered`);
    const known = this.#methods.has(name);
    this.#methods.set(name, { handler, options });
    if (!known && this.#open) this.#registerMethod(this.#open, name);
  }

  send(output: string, body: unknown, properties?: Readonly<Record<string, string>>): void {
    const fault = this.#outbox.push(output, body, properties);
    if (fault) this.#log.error(`not sent: ${fault}`);
  }

  onInput(name: string, handler: InputHandler): void {
    const first = this.#inputs.size === 0;
    this.#inputs.set(name, handler);
    if (first && this.#open) this.#subscribeInputs(this.#open);
  }

  async #run(): Promise<void> {
    const { firstRetry, maxRetry, stable } = this.#timings;
    const backoff = new Backoff({ first: firstRetry, limit: maxRetry });
    while (!this.#abort.signal.aborted) {
      const began = performance.now();
      try {
        await this.#session();
      } catch (error) {
        if (this.#abort.signal.aborted) return;
        if (performance.now() - began >= stable) backoff.reset();
        const delay = backoff.next();
        this.#log.warning(`hub: ${(error as Error).message}; next try in ${delay} ms`);
        await pause(delay, this.#abort.signal);
      }
    }
  }

  /** One connection from its making to its end. Rejects with the reason of the end; the last one with that of `stop`. */
  async #session(): Promise<void> {
    const { open, close } = this.#timings;
    const end = new AbortController();
    const stop = () => end.abort(this.#abort.signal.reason);
    this.#abort.signal.addEventListener('abort', stop);
    let connection: HubConnection | undefined;
    try {
      const making = this.#connect();
      connection = await withTimeout(making, open, 'reading the identity from the runtime', end.signal);
      connection.onLost((error) => end.abort(error));
      await withTimeout(connection.open(), open, 'connecting', end.signal);
      await this.#serve(connection, end);
    } finally {
      this.#abort.signal.removeEventListener('abort', stop);
      this.#open = undefined;
      this.#connection = undefined;
      this.#reported.pause();
      this.#outbox.detach();
      await connection?.close(close).catch((error: Error) => this.#log.debug(`hub: ${error.message}`));
    }
  }

  async #serve(connection: HubConnection, end: AbortController): Promise<void> {
    const { twin } = this.#timings;
    const { signal } = end;
    const fail = (error: Error) => end.abort(error);
    this.#open = connection;
    for (const name of this.#methods.keys()) this.#registerMethod(connection, name);
    if (this.#inputs.size > 0) this.#subscribeInputs(connection);
    const refresh = this.#followDesired(connection, end);
    await withTimeout(connection.subscribeDesired(), twin, 'twin subscription', signal);
    const held = await refresh();
    this.#connection = connection;
    this.#connections++;
    this.#log.info(`hub: connected, desired version ${this.desired?.version}`);
    this.#reported.resume(
      held,
      (patch) => withTimeout(connection.patchReported(patch), twin, 'twin PATCH', signal),
      fail,
    );
    this.#outbox.attach((message) => connection.send(message), fail);
    for (;;) {
      await pause(this.#timings.heartbeat, signal);
      if (signal.aborted) throw signal.reason;
      const again = this.#reported.reconcile(await refresh());
      if (again.length > 0) this.#log.warning(`hub: does not hold reported ${again.join(', ')}; sent again`);
    }
  }

  /** Patches that come while the twin is being read wait for it, so that versions are compared in order. */
  #followDesired(connection: HubConnection, end: AbortController): () => Promise<unknown> {
    let reading: Promise<unknown> | undefined;
    let held: unknown[] = [];
    const take = (patch: unknown) => {
      const result = this.#desired.patch(patch);
      if (result === 'gap') refresh().catch((error) => end.abort(error));
      else if (result !== 'stale') this.#deliverAll(result);
    };
    const read = async () => {
      const request = connection.getTwin();
      const { desired, reported } = await withTimeout(request, this.#timings.twin, 'twin GET', end.signal);
      const named = this.#desired.replace(desired);
      if (named) this.#deliverAll(named);
      return reported;
    };
    const refresh = () => {
      reading ??= read().finally(() => {
        reading = undefined;
        const waiting = held;
        held = [];
        if (!end.signal.aborted) for (const patch of waiting) take(patch);
      });
      return reading;
    };
    connection.onDesiredPatch((patch) => {
      if (end.signal.aborted) return;
      if (!reading) take(patch);
      // More than this in one round trip is a storm; the versions then show a gap, which reads the twin again.
      else if (held.length < 64) held.push(patch);
    });
    return refresh;
  }

  #deliverAll(named: NamedSections): void {
    for (const delivery of this.#deliveries) delivery.bring(named);
  }

  /** The handler is looked up at each call: a module may replace `ping` by its own. */
  #registerMethod(connection: HubConnection, name: string): void {
    const call: MethodHandler = (payload) => this.#methods.get(name)!.handler(payload);
    connection.registerMethod(name, call, this.#methods.get(name)!.options);
  }

  #subscribeInputs(connection: HubConnection): void {
    connection.subscribeInputs((input, message) => {
      const handler = this.#inputs.get(input);
      if (!handler) {
        this.#log.warning(`input ${input}: no handler; expected one of ${[...this.#inputs.keys()].join(', ')}`);
        return;
      }
      Promise.resolve()
        .then(() => handler(message))
        .catch((error: unknown) => this.#log.error(`input ${input}`, error));
    });
  }

  async #stop(): Promise<void> {
    if (this.connected) {
      const pending = Promise.all([this.#reported.flush(), this.#outbox.drained()]);
      await withTimeout(pending, this.#timings.flush, 'sending what is pending').catch((error: Error) =>
        this.#log.warning(error.message),
      );
    }
    this.#abort.abort(new Error('stopped'));
    await this.#running;
    const { queued } = this.#outbox.counters;
    if (!this.#outbox.isDurable) {
      if (queued > 0) this.#log.warning(`${queued} messages were not sent`);
      return;
    }
    await withTimeout(this.#outbox.flush(), this.#timings.flush, 'writing messages to disk').catch((error: Error) =>
      this.#log.warning(error.message),
    );
    if (queued > 0) this.#log.info(`${queued} messages wait on disk for the next start`);
  }
}
