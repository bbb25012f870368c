import { EventEmitter } from 'node:events';
import type { DeviceTransport, MethodMessage, ModuleClient } from 'azure-iot-device';
import device from 'azure-iot-device';
import transportPackage from 'azure-iot-device-mqtt';
import { withTimeout } from '../bounded.js';
import type { OutgoingMessage } from '../outgoing-message.js';
import type {
  HubConnection,
  IncomingMessage,
  MethodHandler,
  MethodOptions,
  MethodReply,
  TwinSnapshot,
} from './hub-connection.js';

/** The client's own retries hide a lost connection for up to four minutes and miss errors that are not on its list. */
const NO_RETRY = { shouldRetry: () => false, nextRetryTimeout: () => -1 };

/** The hub gives a caller 30 s by default. Milliseconds. */
const METHOD_TIMEOUT = 25_000;

/** The transport's event for a method's call is this and the method's name. */
const METHOD_EVENT = 'method_';

/** What is read of the SDK's `Message`, whose own type leaves much open. */
interface SdkMessage {
  data: unknown;
  messageId?: string;
  contentType?: string;
  properties: { count(): number; getItem(index: number): { key: string; value: string } };
}

/** Makes a connection with Microsoft's device SDK from the environment that the Edge runtime gives a module. */
export async function makeSdkConnection(): Promise<HubConnection> {
  let transport: DeviceTransport | undefined;
  let renewalFailed = (_error: Error) => {};
  class Transport extends transportPackage.Mqtt {
    constructor(...parameters: ConstructorParameters<typeof transportPackage.Mqtt>) {
      super(...parameters);
      transport = this;
      // Nobody else listens, so a token that the runtime does not sign when it is renewed would end the process.
      const provider: unknown = parameters[0];
      if (provider instanceof EventEmitter) provider.on('error', (error: unknown) => renewalFailed(asError(error)));
    }

    /** The SDK drops a call of a method that nobody registered, and the caller waits for nothing. */
    override emit(event: string | symbol, ...details: unknown[]): boolean {
      const heard = super.emit(event, ...details);
      if (!heard && String(event).startsWith(METHOD_EVENT)) refuseMethod(this, details[0] as MethodMessage);
      return heard;
    }
  }
  const client = await device.ModuleClient.fromEnvironment(Transport);
  if (!transport) throw new Error('the device SDK made no transport');
  client.setRetryPolicy(NO_RETRY);
  const connection = new SdkConnection(client, transport);
  renewalFailed = (error) => connection.fail(new Error(`renewing the token: ${error.message}`, { cause: error }));
  return connection;
}

/**
 * Twin requests go to the SDK's transport, not to its `Twin`: that one mixes arrays, fires the same event for a whole
 * twin and for a patch, and brings the process down when the hub answers a GET with an error and no body.
 */
class SdkConnection implements HubConnection {
  #lost: ((error: Error) => void) | undefined;
  #early: Error | undefined;
  #over = false;

  constructor(
    private readonly client: ModuleClient,
    private readonly transport: DeviceTransport,
  ) {
    client.on('error', (error: unknown) => this.fail(asError(error)));
    client.on('disconnect', (result: unknown) => this.fail(disconnectCause(result)));
  }

  async open(): Promise<void> {
    try {
      await this.client.open();
    } catch (error) {
      throw new Error(openFailure(asError(error)), { cause: error });
    }
  }

  onLost(listener: (error: Error) => void): void {
    this.#lost = listener;
    if (this.#early) listener(this.#early);
  }

  onDesiredPatch(listener: (patch: unknown) => void): void {
    this.transport.on('twinDesiredPropertiesUpdate', listener);
  }

  subscribeDesired(): Promise<void> {
    return new Promise((resolve, reject) =>
      this.transport.enableTwinDesiredPropertiesUpdates((error) => (error ? reject(error) : resolve())),
    );
  }

  getTwin(): Promise<TwinSnapshot> {
    return new Promise((resolve, reject) =>
      this.transport.getTwin((error, twin) => {
        if (error) reject(error);
        else if (!twin?.desired) reject(new Error('twin GET: the hub answered without a twin'));
        else resolve({ desired: twin.desired, reported: twin.reported });
      }),
    );
  }

  patchReported(patch: unknown): Promise<void> {
    return new Promise((resolve, reject) =>
      this.transport.updateTwinReportedProperties(patch, (error) => (error ? reject(error) : resolve())),
    );
  }

  registerMethod(name: string, handler: MethodHandler, { timeoutMs }: MethodOptions = {}): void {
    this.client.onMethod(name, (request, response) => {
      if (!request || !response) return;
      void answerMethod(handler, request.payload, timeoutMs).then(({ status, payload }) =>
        // A caller who is gone by now has already been told so by the hub.
        response.send(status, payload).catch(() => {}),
      );
    });
  }

  subscribeInputs(listener: (input: string, message: IncomingMessage) => void): void {
    this.client.on('inputMessage', (input: string, message: SdkMessage) => listener(input, readMessage(message)));
  }

  async send(message: OutgoingMessage): Promise<void> {
    const outgoing = new device.Message(message.body);
    outgoing.messageId = message.id;
    outgoing.contentType = 'application/json';
    outgoing.contentEncoding = 'utf-8';
    for (const [key, value] of Object.entries(message.properties)) outgoing.properties.add(key, value);
    await this.client.sendOutputEvent(message.output, outgoing);
  }

  async close(timeoutMs: number): Promise<void> {
    this.#over = true;
    try {
      await withTimeout(this.client.close(), timeoutMs, 'closing');
    } catch (error) {
      abandon(this.transport);
      throw error;
    }
  }

  /** Ends the connection, once. */
  fail(error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#early = error;
    this.#lost?.(error);
  }
}

/** What is reached of the SDK's and the MQTT client's inside, and only if it is there. */
interface TransportInside {
  readonly _mqtt?: { readonly _mqttClient?: EventEmitter & { readonly stream?: { destroy(): void } } };
}

/**
 * Ends a close that waits for acknowledgements which may never come: the MQTT client goes on once it believes that
 * nothing is outstanding. The SDK offers no other way out, and its socket and timers would stay.
 */
function abandon(transport: DeviceTransport): void {
  const mqtt = (transport as unknown as TransportInside)._mqtt?._mqttClient;
  mqtt?.emit('outgoingEmpty');
  setTimeout(() => mqtt?.stream?.destroy(), 100).unref();
}

function refuseMethod(transport: DeviceTransport, { requestId, methods }: MethodMessage): void {
  const events = transport.eventNames().map(String);
  const known = events
    .filter((event) => event.startsWith(METHOD_EVENT))
    .map((event) => event.slice(METHOD_EVENT.length));
  const message = `unknown method ${methods.methodName}; known: ${known.sort().join(', ')}`;
  new device.DeviceMethodResponse(requestId, transport).send(404, { message }).catch(() => {});
}

/** The answer of a handler, whatever it does: a throw is 500, no answer in time 504, a status of 0 would never be sent. */
export async function answerMethod(
  handler: MethodHandler,
  payload: unknown,
  timeoutMs = METHOD_TIMEOUT,
): Promise<MethodReply> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<MethodReply>((resolve) => {
      timer = setTimeout(
        () => resolve({ status: 504, payload: { message: `no answer within ${timeoutMs} ms` } }),
        timeoutMs,
      );
    });
    const reply = await Promise.race([Promise.resolve().then(() => handler(payload)), late]);
    return Number.isInteger(reply.status) && reply.status > 0
      ? { status: reply.status, payload: reply.payload ?? {} }
      : { status: 500, payload: { message: `status is ${reply.status}; expected a positive integer` } };
  } catch (error) {
    return { status: 500, payload: { message: asError(error).message } };
  } finally {
    clearTimeout(timer);
  }
}

function readMessage(message: SdkMessage): IncomingMessage {
  const properties: Record<string, string> = {};
  for (let index = 0; index < message.properties.count(); index++) {
    const { key, value } = message.properties.getItem(index);
    properties[key] = value;
  }
  return {
    data: Buffer.isBuffer(message.data) ? message.data : Buffer.from(String(message.data)),
    properties,
    ...(message.messageId !== undefined && { messageId: message.messageId }),
    ...(message.contentType !== undefined && { contentType: message.contentType }),
  };
}

/** The SDK calls any failure of a first connection "Not authorized"; what follows the colon is the cause. */
function openFailure(error: Error): string {
  return error.message.replace(/^.*Failure on first connection \(Not authorized\): /s, '');
}

function disconnectCause(result: unknown): Error {
  const cause = (result as { transportObj?: unknown } | undefined)?.transportObj;
  return cause ? asError(cause) : new Error('the connection was closed');
}

function asError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value));
}
