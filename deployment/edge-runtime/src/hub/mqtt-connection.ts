import type { TLSSocket } from 'node:tls';
import { parser as createParser, generate, type Packet, type QoS } from 'mqtt-packet';
import { PacketLimit } from './packet-limit.js';

/** edgeHub's limit on a packet (appsettings_hub.json, MaxMessageSize). */
export const MAX_PACKET_BYTES = 262_144;
const CONNECT_TIMEOUT_MS = 60_000;
const MAX_KEEP_ALIVE_S = 600;
/** What may wait for a client that does not read, before it is cut off. */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;
/** Publishes that may wait to be stored before no more are read (edgeHub's MaxPendingInboundAcknowledgements). */
const MAX_PENDING_ACKS = 16;

export interface ConnectionHandler {
  packet(connection: MqttConnection, packet: Packet): void;
  closed(connection: MqttConnection, reason: string): void;
}

/** One MQTT connection: bytes to packets and back, its limits and its clock; what packets mean is the handler's. */
export class MqttConnection {
  readonly remote: string;
  #closeReason = 'connection lost';
  #closed = false;
  #timer: NodeJS.Timeout;
  #idleMs = CONNECT_TIMEOUT_MS;
  #nextPacketId = 1;
  #acks: Promise<void> = Promise.resolve();
  #pendingAcks = 0;

  constructor(
    private readonly socket: TLSSocket,
    private readonly handler: ConnectionHandler,
  ) {
    this.remote = `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`;
    socket.setNoDelay(true);
    this.#timer = setTimeout(() => this.close('no CONNECT within 60 s'), CONNECT_TIMEOUT_MS);
    const parser = createParser();
    const limit = new PacketLimit(MAX_PACKET_BYTES);
    parser.on('packet', (packet) => {
      if (this.#closed) return;
      this.#timer.refresh();
      this.handler.packet(this, packet);
    });
    parser.on('error', (error) => this.close(`malformed packet: ${error.message}`));
    socket.on('data', (chunk: Buffer) => {
      if (this.#closed) return;
      const length = limit.refuse(chunk);
      if (length !== undefined) {
        this.close(`packet of ${length} bytes, at most ${MAX_PACKET_BYTES} are allowed with topic and properties`);
        return;
      }
      try {
        parser.parse(chunk);
      } catch (error) {
        this.close(`malformed packet: ${(error as Error).message}`);
      }
    });
    socket.on('error', (error) => {
      this.#closeReason = error.message;
    });
    socket.on('close', () => this.#finish());
  }

  /** From now on silence of 1.5 times the keep-alive closes; 0 or more than ten minutes count as ten minutes. */
  startKeepAlive(seconds: number): void {
    const effective = seconds === 0 || seconds > MAX_KEEP_ALIVE_S ? MAX_KEEP_ALIVE_S : seconds;
    this.#idleMs = effective * 1500;
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.close(`nothing heard for ${this.#idleMs / 1000} s`), this.#idleMs);
  }

  send(packet: Packet): void {
    if (this.#closed) return;
    this.socket.write(generate(packet));
    if (this.socket.writableLength > MAX_UNSENT_BYTES) {
      this.close(`the client does not read, ${this.socket.writableLength} bytes wait for it`);
    }
  }

  /** Sends a message; returns its packet id, 0 at QoS 0. */
  publish(topic: string, payload: string | Buffer, qos: QoS = 0): number {
    const messageId = qos > 0 ? this.#takePacketId() : 0;
    const id = qos > 0 ? { messageId } : {};
    this.send({ cmd: 'publish', topic, payload, qos, dup: false, retain: false, ...id });
    return messageId;
  }

  /** Acknowledges a publish once its message is stored, in the order the publishes came. */
  acknowledge(messageId: number, stored: Promise<void>): void {
    this.#pendingAcks += 1;
    if (this.#pendingAcks >= MAX_PENDING_ACKS) this.socket.pause();
    // A message that cannot be stored is not acknowledged: the client sends it again.
    const failed = stored.then(
      () => undefined,
      (error: Error) => error,
    );
    this.#acks = this.#acks.then(async () => {
      const error = await failed;
      if (error === undefined) this.send({ cmd: 'puback', messageId });
      else this.close(`a message could not be stored: ${error.message}`);
      this.#pendingAcks -= 1;
      if (this.#pendingAcks < MAX_PENDING_ACKS) this.socket.resume();
    });
  }

  /** Says goodbye with what was written so far; cuts hard when the client does not take it. */
  close(reason: string): void {
    if (this.#closed) return;
    this.#closeReason = reason;
    this.#finish();
    this.socket.end();
    const cut = setTimeout(() => this.socket.destroy(), 1000);
    this.socket.once('close', () => clearTimeout(cut));
    this.socket.resume();
  }

  destroy(): void {
    this.#closeReason = 'the hub stops';
    this.#finish();
    this.socket.destroy();
  }

  #finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.handler.closed(this, this.#closeReason);
  }

  #takePacketId(): number {
    const id = this.#nextPacketId;
    this.#nextPacketId = id === 65_535 ? 1 : id + 1;
    return id;
  }
}
