import type { IConnectPacket, IPublishPacket, ISubscribePacket, Packet } from 'mqtt-packet';
import type { TwinStore } from '../twins/twin-store.js';
import { type ConnectRules, checkConnect } from './connect-check.js';
import type { Methods } from './methods.js';
import type { ConnectionHandler, MqttConnection } from './mqtt-connection.js';
import type { Session } from './session.js';
import type { Sessions } from './sessions.js';
import type { Telemetry } from './telemetry.js';
import { parseTopic } from './topics.js';
import { answerTwinGet, answerTwinReport } from './twin-calls.js';

export interface PacketHandlerOptions {
  readonly rules: ConnectRules;
  readonly sessions: Sessions;
  readonly telemetry: Telemetry;
  readonly methods: Methods;
  readonly twins: TwinStore;
  readonly log: (level: 'warning' | 'error' | 'info' | 'debug', text: string) => void;
  readonly onConnected: (moduleId: string, remote: string) => void;
  readonly onDisconnected: (moduleId: string, reason: string) => void;
}

/** What the hub does with each MQTT packet. */
export class PacketHandler implements ConnectionHandler {
  /** Connections whose CONNECT was accepted. */
  readonly #sessionOf = new Map<MqttConnection, Session>();

  #lastRefusal = { text: '', time: 0 };

  constructor(private readonly options: PacketHandlerOptions) {}

  packet(connection: MqttConnection, packet: Packet): void {
    const session = this.#sessionOf.get(connection);
    if (session === undefined) {
      if (packet.cmd === 'connect') this.#connect(connection, packet);
      else connection.close(`${packet.cmd.toUpperCase()} before CONNECT`);
      return;
    }
    switch (packet.cmd) {
      case 'publish':
        this.#publish(connection, session, packet);
        break;
      case 'puback':
        session.inputs.acknowledged(packet.messageId ?? 0);
        break;
      case 'subscribe':
        this.#subscribe(connection, session, packet);
        break;
      case 'unsubscribe':
        for (const filter of packet.unsubscriptions) session.unsubscribe(filter);
        connection.send({ cmd: 'unsuback', messageId: packet.messageId ?? 0, granted: [] });
        break;
      case 'pingreq':
        connection.send({ cmd: 'pingresp' });
        break;
      case 'disconnect':
        connection.close('the module disconnected');
        break;
      default:
        connection.close(`unexpected ${packet.cmd.toUpperCase()}`);
    }
  }

  closed(connection: MqttConnection, reason: string): void {
    const session = this.#sessionOf.get(connection);
    this.#sessionOf.delete(connection);
    if (session === undefined) {
      this.options.log('debug', `${connection.remote}: closed before CONNECT: ${reason}`);
      return;
    }
    session.detach();
    this.options.onDisconnected(session.moduleId, reason);
  }

  #connect(connection: MqttConnection, packet: IConnectPacket): void {
    const verdict = checkConnect(packet, this.options.rules);
    if (!verdict.accepted) {
      this.#sayRefused(packet.clientId, verdict);
      connection.send({ cmd: 'connack', returnCode: verdict.returnCode, sessionPresent: false });
      connection.close(verdict.reason);
      return;
    }
    const session = this.options.sessions.get(verdict.moduleId);
    session.connection?.close('another connection of the same module took over');
    const sessionPresent = session.attach(connection, packet.clean ?? true);
    this.#sessionOf.set(connection, session);
    connection.startKeepAlive(packet.keepalive ?? 0);
    connection.send({ cmd: 'connack', returnCode: 0, sessionPresent });
    this.options.onConnected(session.moduleId, connection.remote);
    session.ready();
  }

  /** SDKs try again about twice a second: the same refusal in a row is a warning once a minute. */
  #sayRefused(
    clientId: string,
    { returnCode, reason }: { readonly returnCode: number; readonly reason: string },
  ): void {
    const text = `${clientId}: connection refused (CONNACK ${returnCode}): ${reason}`;
    const repeated = this.#lastRefusal.text === text && Date.now() - this.#lastRefusal.time < 60_000;
    this.options.log(repeated ? 'debug' : 'warning', text);
    if (!repeated) this.#lastRefusal = { text, time: Date.now() };
  }

  #subscribe(connection: MqttConnection, session: Session, packet: ISubscribePacket): void {
    const granted: number[] = [];
    for (const { topic, qos } of packet.subscriptions) {
      const result = session.subscribe(topic, qos);
      if (result === false) {
        connection.close('too many subscriptions');
        return;
      }
      granted.push(result);
    }
    connection.send({ cmd: 'suback', messageId: packet.messageId ?? 0, granted });
    session.ready();
  }

  #publish(connection: MqttConnection, session: Session, packet: IPublishPacket): void {
    const stored = this.#handle(connection, session, packet);
    if (packet.qos === 1) connection.acknowledge(packet.messageId ?? 0, stored);
    else
      stored.catch((error: Error) => this.options.log('error', `${session.moduleId}: message lost: ${error.message}`));
    if (packet.qos === 2) connection.close('QoS 2 is not supported');
  }

  /** Resolves when the message may be acknowledged. */
  async #handle(connection: MqttConnection, session: Session, packet: IPublishPacket): Promise<void> {
    const { log, telemetry, twins, methods, rules } = this.options;
    const { moduleId } = session;
    const payload = Buffer.from(packet.payload);
    const topic = parseTopic(packet.topic);
    switch (topic.kind) {
      case 'telemetry':
        if (topic.deviceId === rules.deviceId && topic.moduleId === moduleId) {
          return telemetry.accept(moduleId, topic.bag, packet);
        }
        log('warning', `${moduleId}: message dropped: its topic is that of ${topic.deviceId}/${topic.moduleId}`);
        return;
      case 'twin-get':
        return answerTwinGet(session, twins, topic.rid, log);
      case 'twin-report':
        return answerTwinReport(session, twins, topic.rid, payload, log);
      case 'method-reply':
        if (!methods.answered(moduleId, topic.rid, topic.status, payload)) {
          log('debug', `${moduleId}: answer to a method call that does not wait any more`);
        }
        return;
      case 'violation':
        connection.close(topic.reason);
        return;
      default:
        log('warning', `${moduleId}: message dropped: nothing is known of topic ${packet.topic.slice(0, 200)}`);
    }
  }
}
