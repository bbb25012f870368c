import type { CertificateAuthority } from './certificates/certificate-authority.js';
import { type Hub, type HubOptions, startHub } from './hub/hub.js';
import { type AddressPlan, GATEWAY_PORT, planAddresses } from './network/addresses.js';
import { compileRoutes } from './routes/router.js';

export interface GatewayOptions extends Omit<HubOptions, 'listen' | 'tls' | 'router'> {
  /** What the addresses are chosen from, so that they stay the same from one start to the next. */
  readonly seed: string;
  readonly ca: CertificateAuthority;
}

const TRIES = 5;

/**
 * The runtime's own network with the hub on its gateway address, without routes yet. The port may be taken between the
 * look and the start, by a runtime that starts at the same moment; then another network is tried.
 */
export async function openGateway({
  seed,
  ca,
  ...options
}: GatewayOptions): Promise<{ addresses: AddressPlan; hub: Hub }> {
  const { hubHostName, gatewayHostName } = options;
  for (let attempt = 1; ; attempt++) {
    const addresses = await planAddresses(seed, GATEWAY_PORT);
    const tls = await ca.issueServer({
      commonName: gatewayHostName,
      dnsNames: [gatewayHostName, 'localhost', hubHostName],
      ipAddresses: [addresses.gateway, '127.0.0.1'],
    });
    try {
      const listen = { host: addresses.gateway, port: GATEWAY_PORT };
      return { addresses, hub: await startHub({ ...options, listen, tls, router: compileRoutes({}) }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || attempt === TRIES) throw error;
    }
  }
}
