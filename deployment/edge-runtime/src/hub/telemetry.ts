import type { PublishPacket } from 'aedes';
import type { ModuleIdentities } from '../identity/module-identities.js';
import type { RoutableMessage, Router, Sink } from '../routes/router.js';
import type { UpstreamFile } from '../storage/upstream-file.js';
import type { HubEvent } from './hub-event.js';
import { parsePropertyBag } from './property-bag.js';
import type { Sessions } from './sessions.js';

export interface TelemetryOptions {
  readonly deviceId: string;
  readonly identities: ModuleIdentities;
  readonly upstream: UpstreamFile;
  readonly sessions: Sessions;
  readonly log: (level: 'warning' | 'debug', text: string) => void;
  readonly onEvent: (event: HubEvent) => void;
}

/** Outputs without a route that are named in the log, once each. */
const MAX_NAMED = 1000;

/** Takes modules' messages to the sinks their routes name. */
export class Telemetry {
  readonly #withoutRoute = new Set<string>();

  constructor(
    private readonly options: TelemetryOptions,
    public router: Router,
  ) {}

  /** Resolves when the message is stored wherever it goes; one that is refused is dropped and said, not sent back. */
  async accept(moduleId: string, bag: string, packet: PublishPacket): Promise<void> {
    let message: RoutableMessage;
    try {
      message = this.#read(moduleId, bag, packet);
    } catch (error) {
      this.options.log('warning', `${moduleId}: message dropped: ${(error as Error).message}`);
      return;
    }
    const sinks = this.router.route(message);
    if (sinks.length === 0) this.#sayWithoutRoute(message);
    const body = readableBody(message);
    await Promise.all(sinks.map((sink) => this.#deliver(message, sink, body)));
  }

  #read(moduleId: string, bag: string, packet: PublishPacket): RoutableMessage {
    const { properties, systemProperties } = parsePropertyBag(bag);
    if (packet.dup) properties['mqtt-dup'] = 'true';
    if (packet.retain) properties['mqtt-retain'] = 'true';
    systemProperties.connectionDeviceId = this.options.deviceId;
    systemProperties.connectionModuleId = moduleId;
    const output = systemProperties.outputName;
    return {
      moduleId,
      ...(output === undefined ? {} : { output }),
      properties,
      systemProperties,
      body: Buffer.from(packet.payload),
    };
  }

  async #deliver(message: RoutableMessage, sink: Sink, body: unknown): Promise<void> {
    const { moduleId, output, properties, systemProperties } = message;
    const named = output === undefined ? {} : { output };
    if (sink.kind === 'upstream') {
      await this.options.upstream.append({ module: moduleId, ...named, properties, systemProperties, body });
    } else if (!this.#queueInput(message, sink)) {
      return;
    }
    this.options.onEvent({
      type: 'message',
      time: new Date().toISOString(),
      module: moduleId,
      ...named,
      sink: sink.kind === 'upstream' ? '$upstream' : `${sink.moduleId}/${sink.input}`,
      properties,
      systemProperties,
      body,
    });
  }

  #queueInput(message: RoutableMessage, sink: { readonly moduleId: string; readonly input: string }): boolean {
    if (this.options.identities.find(sink.moduleId) === undefined) {
      this.#sayOnce(sink.moduleId, `a route leads to module ${sink.moduleId}, which is not deployed: messages dropped`);
      return false;
    }
    this.options.sessions.get(sink.moduleId).inputs.push({
      input: sink.input,
      data: message.body,
      properties: { ...message.properties },
      systemProperties: { ...message.systemProperties },
    });
    return true;
  }

  #sayWithoutRoute({ moduleId, output }: RoutableMessage): void {
    const source = output === undefined ? moduleId : `${moduleId}/outputs/${output}`;
    this.#sayOnce(source, `no route takes the messages of ${source}: they are dropped`);
  }

  #sayOnce(key: string, text: string): void {
    if (this.#withoutRoute.has(key) || this.#withoutRoute.size >= MAX_NAMED) return;
    this.#withoutRoute.add(key);
    this.options.log('warning', text);
  }
}

/** JSON when the message says so and it is, else base64 text. */
function readableBody({ systemProperties, body }: RoutableMessage): unknown {
  const type = systemProperties.contentType?.toLowerCase();
  if (type === 'application/json') {
    try {
      return JSON.parse(body.toString('utf8'));
    } catch {
      // The sender's label is wrong: the bytes are kept as they are.
    }
  }
  return body.toString('base64');
}
