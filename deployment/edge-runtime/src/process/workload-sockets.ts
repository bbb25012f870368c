import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { CertificateAuthority } from '../certificates/certificate-authority.js';
import type { ModuleIdentities } from '../identity/module-identities.js';
import { startWorkloadApi, type WorkloadApi, type WorkloadModule } from '../workload/workload-api.js';

export interface WorkloadSocketsOptions {
  readonly runDir: string;
  readonly deviceId: string;
  readonly hubHostName: string;
  readonly gatewayHostName: string;
  readonly identities: ModuleIdentities;
  readonly ca: CertificateAuthority;
  readonly listModules: () => readonly WorkloadModule[];
}

/** One workload API per running module, and the environment that leads a module to it. */
export class WorkloadSockets {
  readonly #open = new Map<string, { api: WorkloadApi; socketPath: string }>();

  constructor(private readonly options: WorkloadSocketsOptions) {}

  /** What edgeAgent injects (iotedge: CreateOrUpdateCommand.cs). */
  async open(module: string): Promise<Record<string, string>> {
    await this.close(module);
    const { runDir, deviceId, hubHostName, gatewayHostName, identities, ca, listModules } = this.options;
    const identity = await identities.get(module);
    // A module's name may be longer than a socket's path.
    const socketPath = path.join(runDir, `w-${createHash('sha256').update(module).digest('hex').slice(0, 12)}.sock`);
    const api = await startWorkloadApi({ socketPath, deviceId, hubHostName, identity, ca, listModules });
    this.#open.set(module, { api, socketPath });
    return {
      IOTEDGE_WORKLOADURI: `unix://${socketPath}`,
      IOTEDGE_AUTHSCHEME: 'sasToken',
      IOTEDGE_MODULEGENERATIONID: identity.generationId,
      IOTEDGE_IOTHUBHOSTNAME: hubHostName,
      IOTEDGE_GATEWAYHOSTNAME: gatewayHostName,
      IOTEDGE_DEVICEID: deviceId,
      IOTEDGE_MODULEID: module,
      IOTEDGE_APIVERSION: '2022-08-03',
      RuntimeLogLevel: 'Information',
    };
  }

  async close(module: string): Promise<void> {
    const entry = this.#open.get(module);
    if (entry === undefined) return;
    this.#open.delete(module);
    await entry.api.close();
    await rm(entry.socketPath, { force: true });
  }
}
