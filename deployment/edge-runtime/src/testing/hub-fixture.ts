import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CertificateAuthority, openCertificateAuthority } from '../certificates/certificate-authority.js';
import { type Hub, type HubEvent, startHub } from '../hub/hub.js';
import { type ModuleIdentities, openModuleIdentities } from '../identity/module-identities.js';
import { compileRoutes } from '../routes/router.js';
import { openUpstreamFile, type UpstreamFile } from '../storage/upstream-file.js';
import { openTwinStore, type TwinStore } from '../twins/twin-store.js';

export const DEVICE = 'edge-1';
export const HUB_NAME = 'local.azure-devices.net';
export const GATEWAY = 'localhost';

export interface TestHub {
  readonly dir: string;
  readonly hub: Hub;
  readonly ca: CertificateAuthority;
  readonly identities: ModuleIdentities;
  readonly twins: TwinStore;
  readonly upstream: UpstreamFile;
  readonly events: HubEvent[];
  readonly logs: string[];
  restartHub(routes?: Record<string, unknown>): Promise<void>;
  stop(): Promise<void>;
}

/** A hub with everything it needs in a directory of its own; modules `camera` and `scoring` have identities. */
export async function startTestHub(
  routes: Record<string, unknown> = { all: 'FROM /messages/* INTO $upstream' },
): Promise<TestHub> {
  const dir = await mkdtemp(join(tmpdir(), 'edgeslot-hub-'));
  const ca = await openCertificateAuthority(join(dir, 'ca'));
  const tls = await ca.issueServer({ commonName: GATEWAY, dnsNames: [GATEWAY], ipAddresses: ['127.0.0.1'] });
  const identities = await openModuleIdentities(join(dir, 'identities'));
  await Promise.all(['camera', 'scoring'].map((name) => identities.get(name)));
  const twins = await openTwinStore({ dir: join(dir, 'twins'), deviceId: DEVICE });
  const upstream = await openUpstreamFile({ dir });
  const events: HubEvent[] = [];
  const logs: string[] = [];
  const start = (port: number, routeSet: Record<string, unknown>) =>
    startHub({
      deviceId: DEVICE,
      hubHostName: HUB_NAME,
      gatewayHostName: GATEWAY,
      listen: { host: '127.0.0.1', port },
      tls,
      identities,
      twins,
      upstream,
      router: compileRoutes(routeSet),
      log: (_level, text) => logs.push(text),
      onEvent: (event) => events.push(event),
    });
  const running = { hub: await start(0, routes) };
  return {
    dir,
    get hub() {
      return running.hub;
    },
    ca,
    identities,
    twins,
    upstream,
    events,
    logs,
    async restartHub(newRoutes = routes) {
      const { port } = running.hub.address;
      await running.hub.stop();
      running.hub = await start(port, newRoutes);
    },
    async stop() {
      await running.hub.stop();
      await twins.close();
      await upstream.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
