import { DENSENET121 } from './densenet121.js';
import type { Network } from './network.js';
import { RESNET50, RESNET152 } from './resnet.js';
import { SSDVGG300 } from './ssdvgg300.js';
import { VGG16 } from './vgg16.js';

/** The networks that the accelerator's firmware knew, by their short names. */
export const NETWORKS: ReadonlyMap<string, Network> = new Map(
  [RESNET50, RESNET152, DENSENET121, VGG16, SSDVGG300].map((network) => [network.name, network]),
);

/** Throws RangeError, with the names there are. */
export function findNetwork(name: string): Network {
  const network = NETWORKS.get(name);
  if (!network) throw new RangeError(`network: expected one of ${[...NETWORKS.keys()].join(', ')}, got "${name}"`);
  return network;
}
