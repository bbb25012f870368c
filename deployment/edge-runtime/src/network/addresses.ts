import { createHash } from 'node:crypto';
import { createServer } from 'node:net';

export const GATEWAY_PORT = 8883;

export interface AddressPlan {
  /** Where the hub listens and, with the host address `auto`, where published ports do. */
  readonly gateway: string;
  /** The address of a module; the same one for as long as the runtime lives. */
  moduleAddress(name: string): string;
  release(name: string): void;
}

/**
 * A /24 of loopback for this runtime: .1 the gateway, .2 and up the modules. Linux answers on all of 127.0.0.0/8 without
 * configuration; elsewhere only 127.0.0.1 exists and everybody shares it. The choice starts from `seed`, so that a runtime
 * keeps its addresses from one start to the next unless another took them.
 */
export async function planAddresses(
  seed: string,
  port: number,
  platform: NodeJS.Platform = process.platform,
): Promise<AddressPlan> {
  if (platform !== 'linux') return { gateway: '127.0.0.1', moduleAddress: () => '127.0.0.1', release: () => {} };
  const hash = createHash('sha256').update(seed).digest();
  const start = hash.readUInt16BE(0);
  for (let step = 0; step < 64; step++) {
    // Second byte 64..127: away from 127.0.x.y, where resolvers and distributions put services of their own.
    const number = (start + step * 257) & 0x3fff;
    const prefix = `127.${64 + (number >> 8)}.${number & 0xff}`;
    if (await isFree(`${prefix}.1`, port)) return new LoopbackPlan(prefix);
  }
  throw new Error(
    `no loopback network with a free port ${port} was found in 64 tries; stop a runtime that is no longer needed`,
  );
}

class LoopbackPlan implements AddressPlan {
  readonly gateway: string;
  readonly #taken = new Map<string, number>();

  constructor(private readonly prefix: string) {
    this.gateway = `${prefix}.1`;
  }

  moduleAddress(name: string): string {
    let last = this.#taken.get(name);
    if (last === undefined) {
      const used = new Set(this.#taken.values());
      last = 2;
      while (used.has(last)) last++;
      if (last > 254) throw new Error(`no address is left for the module ${name}: a runtime holds up to 253 modules`);
      this.#taken.set(name, last);
    }
    return `${this.prefix}.${last}`;
  }

  release(name: string): void {
    this.#taken.delete(name);
  }
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
