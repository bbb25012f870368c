import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import mqtt from 'mqtt-packet';

export interface Publication {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: number;
}

/**
 * The server's side of one MQTT 3.1.1 connection of a test: grants every subscription, acknowledges every publication
 * unless told otherwise, and emits `publish` with each.
 */
export class MqttSession extends EventEmitter<{ publish: [Publication]; subscribe: [string]; end: [] }> {
  username = '';
  password = '';
  /** While false, QoS 1 publications stay unacknowledged. */
  acknowledges = true;
  /** Whether the connection is cut instead of granting a subscription. */
  cutsSubscription: () => boolean = () => false;

  constructor(
    private readonly socket: Socket,
    /** Those of the client, which a hub keeps from one connection to the next. */
    readonly subscriptions: Set<string>,
    refuse: () => boolean,
    ready: (session: MqttSession) => void,
  ) {
    super();
    const parser = mqtt.parser({ protocolVersion: 4 });
    parser.on('packet', (packet) => {
      switch (packet.cmd) {
        case 'connect':
          this.username = packet.username ?? '';
          this.password = packet.password?.toString() ?? '';
          if (refuse()) {
            this.#write({ cmd: 'connack', returnCode: 5, sessionPresent: false });
            socket.end();
            return;
          }
          this.#write({ cmd: 'connack', returnCode: 0, sessionPresent: false });
          ready(this);
          return;
        case 'subscribe':
          if (this.cutsSubscription()) {
            this.destroy();
            return;
          }
          for (const { topic } of packet.subscriptions) this.subscriptions.add(topic);
          this.#write({ cmd: 'suback', messageId: packet.messageId!, granted: packet.subscriptions.map((s) => s.qos) });
          for (const { topic } of packet.subscriptions) this.emit('subscribe', topic);
          return;
        case 'publish':
          this.emit('publish', {
            topic: packet.topic,
            payload: Buffer.from(packet.payload as Buffer),
            qos: packet.qos,
          });
          if (packet.qos === 1 && this.acknowledges) this.#write({ cmd: 'puback', messageId: packet.messageId! });
          return;
        case 'pingreq':
          this.#write({ cmd: 'pingresp' });
          return;
        case 'disconnect':
          socket.end();
          return;
        default:
      }
    });
    socket.on('data', (data) => parser.parse(data));
    socket.on('error', () => {});
    socket.on('close', () => this.emit('end'));
  }

  /** Dropped, as by a hub, when the client has not subscribed. */
  publish(topic: string, payload: string): void {
    const subscribed = [...this.subscriptions].some((filter) => topic.startsWith(filter.replace(/#$/, '')));
    if (subscribed) this.#write({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false });
  }

  destroy(): void {
    this.socket.destroy();
  }

  #write(packet: mqtt.Packet): void {
    if (!this.socket.writableEnded) this.socket.write(mqtt.generate(packet));
  }
}
