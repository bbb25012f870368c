import type { EventEmitter } from 'node:events';
import type { TLSSocket } from 'node:tls';
import type { Client, PublishPacket, SubscribePacket } from 'aedes';
import { PacketLimit } from './packet-limit.js';
import type { QoS } from './topics.js';

/** edgeHub's limit on a packet (appsettings_hub.json, MaxMessageSize). */
const MAX_PACKET_BYTES = 262_144;
/** What may wait for a client that does not read, before it is cut off. */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;

/** What the hub knows of one connection beside the broker's client: its filters, its packet ids, why it ends. */
export class ModuleConnection {
  readonly remote: string;
  readonly subscriptions = new Map<string, QoS>();
  /** Id of the QoS 1 message that is being sent. */
  packetId = 0;
  #lastPacketId = 0;
  #unsentBytes = 0;
  #sent: Promise<void> = Promise.resolve();
  #held = false;
  #client: Client | undefined;
  #closeReason: string | undefined;
  #acks: Promise<unknown> = Promise.resolve();

  constructor(socket: TLSSocket) {
    this.remote = `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`;
    socket.setNoDelay(true);
    const limit = new PacketLimit(MAX_PACKET_BYTES);
    const read = socket.read.bind(socket);
    // The broker takes its bytes with read(), so that nothing over the limit gets to its parser. After a CONNECT they
    // wait until it is answered: aedes 1.2 would handle what comes a turn of the event loop later before the CONNECT.
    socket.read = (size) => {
      if (this.#held && size !== 0) return null;
      const chunk: Buffer | null = read(size);
      const length = chunk === null ? undefined : limit.refuse(chunk);
      if (length === undefined) return chunk;
      socket.destroy(
        new Error(`packet of ${length} bytes, at most ${MAX_PACKET_BYTES} are allowed with topic and properties`),
      );
      return null;
    };
  }

  get closeReason(): string {
    return this.#closeReason ?? 'connection lost';
  }

  /** Remembers the first reason; what follows from it is not one. */
  closing(reason: string): void {
    this.#closeReason ??= reason;
  }

  use(client: Client): void {
    this.#client = client;
    // No hook of the broker tells of a DISCONNECT, or changes the QoS that SUBACK grants: the one that was asked for.
    const { _parser: parser } = client as Client & { readonly _parser?: EventEmitter };
    parser?.prependListener('packet', (packet: SubscribePacket | { readonly cmd: 'disconnect' }) => {
      if (packet.cmd === 'disconnect') this.closing('the module disconnected');
      if (packet.cmd !== 'subscribe') return;
      for (const subscription of packet.subscriptions) if (subscription.qos === 2) subscription.qos = 1;
    });
  }

  /** While its CONNECT is looked at, nothing more is read. */
  hold(held: boolean): void {
    this.#held = held;
  }

  /** Sends a message after those before it; returns its packet id, 0 at QoS 0. */
  publish(topic: string, payload: string | Buffer, qos: QoS = 0): number {
    const messageId = qos > 0 ? (this.#lastPacketId % 65_535) + 1 : 0;
    if (qos > 0) this.#lastPacketId = messageId;
    const bytes = Buffer.byteLength(payload);
    this.#unsentBytes += bytes;
    // One at a time: a QoS 1 message that one of QoS 0 overtakes in aedes counts as a duplicate there, and is lost.
    this.#sent = this.#sent.then(async () => {
      this.packetId = messageId;
      await this.#send({ cmd: 'publish', topic, payload, qos, dup: false, retain: false });
      this.#unsentBytes -= bytes;
    });
    if (this.#unsentBytes > MAX_UNSENT_BYTES) {
      this.close(`the client does not read, ${this.#unsentBytes} bytes wait for it`);
    }
    return messageId;
  }

  /** Resolves when the broker has written the message, or cannot any more. */
  async #send(packet: PublishPacket): Promise<void> {
    const client = this.#client;
    if (client === undefined || client.closed) return;
    await new Promise<unknown>((resolve) => {
      client.publish(packet, resolve);
    });
  }

  /** Resolves when this message and all before it are stored: acknowledgements go out in the order of the messages. */
  async inOrder(stored: Promise<void>): Promise<void> {
    const turn = Promise.allSettled([this.#acks, stored]);
    this.#acks = turn;
    await turn;
    await stored;
  }

  close(reason: string): void {
    this.closing(reason);
    this.#client?.close();
  }
}
