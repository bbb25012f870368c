import type { TwinStore } from '../twins/twin-store.js';

const HUB = '$edgeHub';

/** Keeps `clients` in the reported properties of `$edgeHub`, as edgeHub's EdgeHubConnection does. */
export class ConnectedClients {
  constructor(
    private readonly deviceId: string,
    private readonly twins: TwinStore,
  ) {
    const known = twins.get(HUB).properties.reported.clients;
    const clients: Record<string, unknown> = {};
    // What a runtime that was killed left as connected is not.
    for (const client of Object.keys((known ?? {}) as object)) clients[client] = { status: 'Disconnected' };
    twins.patchReported(HUB, { schemaVersion: '1.0', version: { version: '', build: '', commit: '' }, clients });
  }

  connected(moduleId: string): void {
    this.#patch(moduleId, { status: 'Connected', lastConnectedTimeUtc: new Date().toISOString() });
  }

  disconnected(moduleId: string): void {
    this.#patch(moduleId, { status: 'Disconnected', lastDisconnectedTimeUtc: new Date().toISOString() });
  }

  forget(moduleId: string): void {
    this.#patch(moduleId, null);
  }

  #patch(moduleId: string, state: unknown): void {
    this.twins.patchReported(HUB, { clients: { [`${this.deviceId}/${moduleId}`]: state } });
  }
}
