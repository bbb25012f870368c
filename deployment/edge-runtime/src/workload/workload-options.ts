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
  /** Mode of the socket; 0600 by default. A module under another user needs more. */
  readonly socketMode?: number;
  readonly deviceId: string;
  readonly hubHostName: string;
  /** The module this socket belongs to; no other name or generation is served. */
  readonly identity: ModuleIdentity;
  readonly ca: CertificateAuthority;
  readonly listModules: () => readonly WorkloadModule[];
}
