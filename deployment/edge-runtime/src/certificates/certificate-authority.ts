export interface ServerCertificateRequest {
  readonly commonName: string;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** Life in days; 90 by default. */
  readonly days?: number;
}

export interface IssuedCertificate {
  /** Leaf first, then the authority. */
  readonly certPem: string;
  readonly keyPem: string;
  /** RFC 3339. */
  readonly expiration: string;
}

export interface CertificateAuthority {
  /** What clients must trust. */
  readonly caPem: string;
  issueServer(request: ServerCertificateRequest): Promise<IssuedCertificate>;
  issueIdentity(request: {
    readonly hubHostName: string;
    readonly deviceId: string;
    readonly moduleId: string;
    readonly days?: number;
  }): Promise<IssuedCertificate>;
}

export declare function openCertificateAuthority(dir: string): Promise<CertificateAuthority>;
