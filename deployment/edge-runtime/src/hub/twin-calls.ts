import { type TwinChange, type TwinStore, TwinValidationError } from '../twins/twin-store.js';
import type { Session } from './session.js';

type Log = (level: 'warning' | 'error', text: string) => void;

/** Answers a module's `$iothub/twin/GET`. */
export function answerTwinGet(session: Session, twins: TwinStore, rid: string, log: Log): void {
  try {
    const { desired, reported } = twins.get(session.moduleId).properties;
    reply(session, 200, rid, JSON.stringify({ desired, reported }));
  } catch (error) {
    log('error', `${session.moduleId}: twin not read: ${(error as Error).message}`);
    reply(session, 500, rid);
  }
}

/** Takes a module's reported patch; a refusal is 400 with an empty body, as from edgeHub, and said in the log. */
export function answerTwinReport(
  session: Session,
  twins: TwinStore,
  rid: string | undefined,
  payload: Buffer,
  log: Log,
): void {
  let status = 204;
  try {
    twins.patchReported(session.moduleId, parse(payload));
  } catch (error) {
    status = error instanceof TwinValidationError ? 400 : 500;
    log('warning', `${session.moduleId}: reported properties refused (${status}): ${(error as Error).message}`);
  }
  if (rid !== undefined) reply(session, status, rid);
}

/** Tells a connected module of new desired properties; one that is away reads its twin when it comes back. */
export function pushDesired(session: Session, { patch, version }: TwinChange): void {
  const qos = session.qosOf('desired');
  if (qos === undefined) return;
  const topic = `$iothub/twin/PATCH/properties/desired/?$version=${version}`;
  session.connection?.publish(topic, JSON.stringify({ ...patch, $version: version }), qos);
}

function reply(session: Session, status: number, rid: string, body = ''): void {
  if (session.qosOf('twin-replies') === undefined) return;
  session.connection?.publish(`$iothub/twin/res/${status}/?$rid=${rid}`, body);
}

function parse(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch (error) {
    throw new TwinValidationError(`the patch is not JSON: ${(error as Error).message}`);
  }
}
