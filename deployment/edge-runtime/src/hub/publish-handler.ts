import type { PublishPacket } from 'aedes';
import type { TwinStore } from '../twins/twin-store.js';
import type { Methods } from './methods.js';
import type { Session } from './session.js';
import type { Telemetry } from './telemetry.js';
import { parseTopic } from './topics.js';
import { answerTwinGet, answerTwinReport } from './twin-calls.js';

export interface PublishOptions {
  readonly deviceId: string;
  readonly telemetry: Telemetry;
  readonly methods: Methods;
  readonly twins: TwinStore;
  readonly log: (level: 'warning' | 'error' | 'debug', text: string) => void;
}

/** Does what a module's message asks for; resolves when it may be acknowledged, throws when the connection must end. */
export async function handlePublish(session: Session, packet: PublishPacket, options: PublishOptions): Promise<void> {
  const { deviceId, log, telemetry, twins, methods } = options;
  const { moduleId } = session;
  const payload = Buffer.from(packet.payload);
  const topic = parseTopic(packet.topic);
  switch (topic.kind) {
    case 'telemetry':
      if (topic.deviceId === deviceId && topic.moduleId === moduleId) {
        return store(telemetry.accept(moduleId, topic.bag, packet), session, packet, log);
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
      throw new Error(topic.reason);
    default:
      log('warning', `${moduleId}: message dropped: nothing is known of topic ${packet.topic.slice(0, 200)}`);
  }
}

/** A message at QoS 1 that cannot be stored is not acknowledged: the module sends it again. */
async function store(
  accepted: Promise<void>,
  { moduleId }: Session,
  { qos }: PublishPacket,
  log: PublishOptions['log'],
): Promise<void> {
  try {
    await accepted;
  } catch (error) {
    const { message } = error as Error;
    if (qos > 0) throw new Error(`a message could not be stored: ${message}`);
    log('error', `${moduleId}: message lost: ${message}`);
  }
}
