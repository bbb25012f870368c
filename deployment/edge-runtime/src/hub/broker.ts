import type { TLSSocket } from 'node:tls';
import { Aedes, type AuthenticateError, type Client, type PublishPacket } from 'aedes';
import { type ConnectRules, type ConnectVerdict, checkConnect } from './connect-check.js';
import { ModuleConnection } from './module-connection.js';
import { RefusalLog } from './refusal-log.js';
import type { Session } from './session.js';
import { createSessionStore, MAX_SUBSCRIPTIONS, noFanOut } from './session-store.js';
import type { Sessions } from './sessions.js';

const CONNECT_TIMEOUT_MS = 60_000;
const MAX_KEEP_ALIVE_S = 600;

export interface BrokerOptions {
  readonly rules: ConnectRules;
  readonly sessions: Sessions;
  readonly log: (level: 'warning' | 'debug', text: string) => void;
  /** Resolves when the message may be acknowledged, rejects when the connection must end. */
  readonly onPublish: (session: Session, packet: PublishPacket) => Promise<void>;
  readonly onConnected: (moduleId: string, remote: string) => void;
  readonly onDisconnected: (moduleId: string, reason: string) => void;
}

export interface Broker {
  handle(socket: TLSSocket): void;
  /** Forgets what the broker keeps of a module that was removed. */
  forget(moduleId: string): void;
  close(): Promise<void>;
}

/** A connection with what became of its CONNECT. */
interface Peer {
  readonly connection: ModuleConnection;
  verdict?: ConnectVerdict;
  session?: Session;
}

/** The MQTT broker (aedes) with edgeHub's rules in its hooks: who may connect, and messages to and from the hub only. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { rules, sessions, log } = options;
  const refusals = new RefusalLog(log);
  const peers = new WeakMap<Client, Peer>();
  // Every client has a peer: it is made with it.
  const peerOf = (client: Client | null) => peers.get(client as Client) as Peer;
  const store = createSessionStore();
  const broker = await Aedes.createBroker({
    persistence: store,
    mq: noFanOut,
    connectTimeout: CONNECT_TIMEOUT_MS,

    preConnect(client, packet, done) {
      const verdict = checkConnect(packet, rules);
      const peer = peerOf(client);
      peer.verdict = verdict;
      peer.connection.hold(true);
      if (!verdict.accepted) refusals.say(packet.clientId, verdict);
      // The broker itself refuses MQTT 5 with CONNACK 1; MQTT 3.1, which it would take, goes the same way.
      if (packet.protocolVersion === 3) packet.protocolVersion = 5;
      packet.keepalive = Math.min(packet.keepalive || MAX_KEEP_ALIVE_S, MAX_KEEP_ALIVE_S);
      delete packet.will;
      done(null, true);
    },

    authenticate(client, _username, _password, done) {
      const peer = peerOf(client);
      const { verdict } = peer;
      if (verdict?.accepted) {
        peer.session = sessions.get(verdict.moduleId);
        peer.session.connection?.closing('another connection of the same module took over');
        done(null, true);
      } else {
        done(
          Object.assign(new Error(verdict?.reason), { returnCode: verdict?.returnCode }) as AuthenticateError,
          false,
        );
      }
    },

    authorizeSubscribe(client, subscription, done) {
      const { subscriptions } = peerOf(client).connection;
      if (subscriptions.size >= MAX_SUBSCRIPTIONS && !subscriptions.has(subscription.topic)) {
        return done(new Error('too many subscriptions'));
      }
      subscriptions.set(subscription.topic, subscription.qos);
      done(null, subscription);
    },

    authorizePublish(client, packet, done) {
      const { connection, session } = peerOf(client);
      if (session === undefined) return done(new Error('PUBLISH before CONNACK'));
      if (packet.qos === 2) return done(new Error('QoS 2 is not supported'));
      connection.inOrder(options.onPublish(session, packet)).then(() => done(), done);
    },

    authorizeForward(client, packet) {
      if (packet.qos > 0) packet.messageId = peerOf(client).connection.packetId;
      return packet;
    },
  });

  broker.on('client', (client) => {
    const { connection, session } = peerOf(client);
    if (session === undefined) return;
    session.connection = connection;
    options.onConnected(session.moduleId, connection.remote);
  });
  broker.on('clientReady', (client) => {
    peerOf(client).connection.hold(false);
    peerOf(client).session?.ready();
  });
  broker.on('subscribe', (_subscriptions, client) => peerOf(client).session?.ready());
  broker.on('unsubscribe', (filters, client) => {
    for (const filter of filters) peerOf(client).connection.subscriptions.delete(filter);
  });
  broker.on('ack', (packet, client) => {
    const { connection, session } = peerOf(client);
    if (session?.connection === connection) session.inputs.acknowledged(packet.messageId ?? 0);
  });
  broker.on('clientError', (client, error) => {
    const unexpected = (error as { info?: { cmd: string } }).info?.cmd.toUpperCase();
    peerOf(client).connection.closing(unexpected === undefined ? error.message : `unexpected ${unexpected}`);
  });
  broker.on('connectionError', (client, error) => {
    log('debug', `${peerOf(client).connection.remote}: closed before CONNECT: ${error.message}`);
  });
  broker.on('clientDisconnect', (client) => {
    const { connection, session } = peerOf(client);
    if (session?.connection !== connection) return;
    session.detach();
    options.onDisconnected(session.moduleId, connection.closeReason);
  });

  return {
    handle(socket) {
      const connection = new ModuleConnection(socket);
      const client = broker.handle(socket);
      peers.set(client, { connection });
      connection.use(client);
    },
    forget(moduleId) {
      void store.cleanSubscriptions({ id: `${rules.deviceId}/${moduleId}` });
    },
    close: () => new Promise((resolve) => broker.close(resolve)),
  };
}
