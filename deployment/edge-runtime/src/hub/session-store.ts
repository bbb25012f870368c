import type { Client, PublishPacket, Subscription } from 'aedes';
import memory from 'aedes-persistence';

/** Filters one module may hold; the SDKs use four. */
export const MAX_SUBSCRIPTIONS = 64;

type ClientId = Pick<Client, 'id'>;

interface SubscriptionStore {
  addSubscriptions(client: ClientId, subscriptions: readonly Subscription[]): Promise<void>;
  subscriptionsByClient(client: ClientId): Promise<readonly Subscription[]>;
  cleanSubscriptions(client: ClientId): Promise<void>;
}

/**
 * The broker's persistence with its subscriptions only: messages wait in the input queues, which have bounds, and are
 * stored by the hub, so the broker keeps none; nothing is retained.
 */
export function createSessionStore(): SubscriptionStore {
  // The types of aedes-persistence 11 still are those of earlier versions.
  const store = (memory as unknown as () => SubscriptionStore)();
  const add = store.addSubscriptions.bind(store);
  return Object.assign(store, {
    async addSubscriptions(client: ClientId, subscriptions: readonly Subscription[]) {
      if (subscriptions.length > MAX_SUBSCRIPTIONS) throw new Error('too many subscriptions');
      const filters = [...(await store.subscriptionsByClient(client)), ...subscriptions].map(({ topic }) => topic);
      if (new Set(filters).size > MAX_SUBSCRIPTIONS) throw new Error('too many subscriptions');
      await add(client, subscriptions);
    },
    subscriptionsByTopic: async () => [],
    storeRetained: async () => {},
    outgoingEnqueue: async () => {},
    outgoingUpdate: async () => {},
    outgoingClearMessageId: async (_client: Client, packet: PublishPacket) => packet,
  });
}

/** An emitter without listeners: routes decide where messages go, the broker spreads none by topic. */
export const noFanOut = {
  on: (_topic: string, _listener: unknown, done?: () => void) => done?.(),
  removeListener: (_topic: string, _listener: unknown, done?: () => void) => done?.(),
  emit: (_packet: unknown, done?: () => void) => done?.(),
  close: (done?: () => void) => done?.(),
};
