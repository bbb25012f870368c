import type { ModuleIdentities } from './identity/module-identities.js';
import type { TwinStore } from './twins/twin-store.js';

/**
 * Removes identity and twin of every module that is not `kept`, as IoT Hub does when a deployment no longer names one.
 * System modules stay.
 */
export async function forgetModules(
  identities: ModuleIdentities,
  twins: TwinStore,
  kept: (name: string) => boolean,
): Promise<void> {
  const known = new Set([...identities.names(), ...twins.names()]);
  const gone = [...known].filter((name) => !name.startsWith('$') && !kept(name));
  await Promise.all(gone.flatMap((name) => [identities.remove(name), twins.remove(name)]));
}
