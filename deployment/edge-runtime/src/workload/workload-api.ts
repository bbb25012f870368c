import type { CertificateAuthority } from '../certificates/certificate-authority.js';
import type { ModuleIdentity } from '../identity/module-identities.js';

/** One entry of `GET /modules`, in the shape of the edge daemon's workload API. */
export interface WorkloadModule {
  readonly id: string;
  readonly name: string;
  readonly type: 'docker';
  readonly config: { readonly settings: unknown; readonly env: readonly { key: string; value: string }[] };
  readonly status: {
    readonly startTime?: string;
    readonly exitStatus?: { readonly exitTime: string; readonly statusCode: string };
    readonly runtimeStatus: { readonly status: string; readonly description?: string };
  };
}

export interface WorkloadApiOptions {
  /** The socket's directory is made 0700 when it does not exist; a stale socket is replaced. */
  readonly socketPath: string;
  readonly deviceId: string;
  readonly hubHostName: string;
  readonly identity: ModuleIdentity;
  readonly ca: CertificateAuthority;
  readonly listModules: () => readonly WorkloadModule[];
}

export declare function startWorkloadApi(options: WorkloadApiOptions): Promise<{ close(): Promise<void> }>;
