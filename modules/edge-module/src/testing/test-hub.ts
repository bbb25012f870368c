import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { applyMergePatch } from '../twin/merge-patch.js';
import { makeCertificates } from './certificates.js';
import { MqttSession, type Publication } from './mqtt-session.js';
import { startWorkloadServer } from './workload-server.js';

export interface TelemetryMessage {
  readonly topic: string;
  readonly body: unknown;
}

interface HubEvents {
  session: [MqttSession];
  ready: [MqttSession];
  telemetry: [TelemetryMessage];
  reported: [unknown];
  twinGet: [];
  methodReply: [{ status: number; payload: unknown }];
}

/** How the hub misbehaves; each is read when the request comes. */
export interface Faults {
  /** Refuse this many CONNECTs with return code 5. */
  refuse: number;
  /** Cut the connection at this many SUBSCRIBEs. */
  cutSubscriptions: number;
  /** Leave this many twin GETs unanswered. */
  loseTwinGets: number;
  /** Answer this many twin GETs with status 500 and no body. */
  failTwinGets: number;
  /** Answer this many reported patches with 400 and no body, and do not apply them. */
  refuseReports: number;
  /** Answer this many reported patches with 429 and IoT Hub's body. */
  throttleReports: number;
  /** Leave this many reported patches unanswered. */
  loseReports: number;
  /** Refuse to sign this many tokens. */
  refuseSigns: number;
}

/**
 * A hub over TLS on loopback that speaks edgeHub's topics to one module and misbehaves on request, with the workload API
 * that the module's identity comes from.
 */
export class TestHub extends EventEmitter<HubEvents> {
  readonly faults: Faults = {
    refuse: 0,
    cutSubscriptions: 0,
    loseTwinGets: 0,
    failTwinGets: 0,
    refuseReports: 0,
    throttleReports: 0,
    loseReports: 0,
    refuseSigns: 0,
  };
  readonly sessions: MqttSession[] = [];
  readonly telemetry: TelemetryMessage[] = [];
  desired: Record<string, unknown> = { $version: 1 };
  reported: Record<string, unknown> = { $version: 1 };
  #server: Server | undefined;
  #port = 0;
  #subscriptions = new Set<string>();
  #workload: { uri: string; stop(): Promise<void> } | undefined;
  #environment: Record<string, string | undefined> = {};

  private constructor(private readonly certificates: { ca: string; cert: string; key: string }) {
    super();
    this.setMaxListeners(0);
  }

  static async start(): Promise<TestHub> {
    const certificates = await makeCertificates();
    const hub = new TestHub(certificates);
    const refuseSign = () => hub.faults.refuseSigns-- > 0;
    hub.#workload = await startWorkloadServer(certificates.ca, Buffer.from('key'), refuseSign);
    await hub.listen();
    hub.#setEnvironment(hub.#workload.uri);
    return hub;
  }

  get session(): MqttSession {
    return this.sessions.at(-1)!;
  }

  async listen(): Promise<void> {
    const { cert, key } = this.certificates;
    this.#server = createServer({ cert, key }, (socket) => {
      const session = new MqttSession(
        socket,
        this.#subscriptions,
        () => this.faults.refuse-- > 0,
        (ready) => {
          this.sessions.push(ready);
          this.emit('session', ready);
        },
      );
      session.cutsSubscription = () => this.faults.cutSubscriptions-- > 0;
      session.on('publish', (publication) => this.#take(session, publication));
    });
    this.#server.on('tlsClientError', () => {});
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** As a hub that has lost what it stored: nothing is subscribed any more. */
  forgetSessions(): void {
    this.#subscriptions = new Set();
  }

  /** As a hub that restarts without its store: connections are cut, the port refuses. */
  async close(): Promise<void> {
    this.forgetSessions();
    for (const session of this.sessions) session.destroy();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  async stop(): Promise<void> {
    await this.close();
    await this.#workload?.stop();
    for (const [name, value] of Object.entries(this.#environment))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  }

  patchDesired(patch: Record<string, unknown>, send = true): void {
    const version = (this.desired.$version as number) + 1;
    this.desired = applyMergePatch(this.desired, { ...patch, $version: version }) as Record<string, unknown>;
    if (!send) return;
    const text = JSON.stringify({ ...patch, $version: version });
    this.session.publish(`$iothub/twin/PATCH/properties/desired/?$version=${version}`, text);
  }

  async invoke(name: string, payload: unknown): Promise<{ status: number; payload: unknown }> {
    const reply = once(this, 'methodReply');
    this.session.publish(`$iothub/methods/POST/${name}/?$rid=7`, JSON.stringify(payload));
    return (await reply)[0];
  }

  /** Resolves with the reported properties once they satisfy the condition. */
  async untilReported(condition: (reported: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    while (!condition(this.reported)) await once(this, 'reported');
    return this.reported;
  }

  #take(session: MqttSession, { topic, payload }: Publication): void {
    const rid = /\$rid=([^&]+)/.exec(topic)?.[1];
    if (topic.startsWith('$iothub/twin/GET/')) this.#getTwin(session, rid!);
    else if (topic.startsWith('$iothub/twin/PATCH/properties/reported/')) this.#report(session, rid!, payload);
    else if (topic.startsWith('$iothub/methods/res/'))
      this.emit('methodReply', { status: Number(topic.split('/')[3]), payload: JSON.parse(payload.toString()) });
    else {
      const message = { topic, body: JSON.parse(payload.toString()) as unknown };
      this.telemetry.push(message);
      this.emit('telemetry', message);
    }
  }

  #getTwin(session: MqttSession, rid: string): void {
    this.emit('twinGet');
    if (this.faults.loseTwinGets-- > 0) return;
    if (this.faults.failTwinGets-- > 0) {
      session.publish(`$iothub/twin/res/500/?$rid=${rid}`, '');
      return;
    }
    const body = JSON.stringify({ desired: this.desired, reported: this.reported });
    session.publish(`$iothub/twin/res/200/?$rid=${rid}`, body);
    this.emit('ready', session);
  }

  #report(session: MqttSession, rid: string, payload: Buffer): void {
    if (this.faults.loseReports-- > 0) return;
    if (this.faults.throttleReports-- > 0) {
      session.publish(`$iothub/twin/res/429/?$rid=${rid}`, '{"errorCode":429001,"message":"throttled"}');
      return;
    }
    const refused = this.faults.refuseReports-- > 0;
    if (!refused)
      this.reported = applyMergePatch(this.reported, JSON.parse(payload.toString())) as Record<string, unknown>;
    session.publish(`$iothub/twin/res/${refused ? 400 : 204}/?$rid=${rid}`, '');
    this.emit('reported', JSON.parse(payload.toString()));
  }

  #setEnvironment(workload: string): void {
    const wanted = {
      EdgeHubConnectionString: undefined,
      IotHubConnectionString: undefined,
      IOTEDGE_WORKLOADURI: workload,
      IOTEDGE_DEVICEID: 'dev',
      IOTEDGE_MODULEID: 'mod',
      IOTEDGE_IOTHUBHOSTNAME: 'hub.example.net',
      IOTEDGE_GATEWAYHOSTNAME: `localhost:${this.#port}`,
      IOTEDGE_AUTHSCHEME: 'sasToken',
      IOTEDGE_MODULEGENERATIONID: '1',
      IOTEDGE_APIVERSION: '2022-08-03',
    };
    for (const [name, value] of Object.entries(wanted)) {
      this.#environment[name] = process.env[name];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
