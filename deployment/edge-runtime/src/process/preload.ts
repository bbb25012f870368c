/**
 * Loaded before a module's own code where a private `/etc/hosts` cannot be had: answers the runtime's names from the file in
 * EDGESLOT_HOSTS, and ends the module when the pipe on EDGESLOT_WATCH closes, that is, when the runtime has died.
 */
import dns, { type LookupAddress, type LookupOptions } from 'node:dns';
import { readFileSync, statSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';

type Callback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

const file = process.env.EDGESLOT_HOSTS;
let names = new Map<string, string>();
let readAt = -1;

function find(hostname: string): string | undefined {
  if (file === undefined) return undefined;
  try {
    const { mtimeMs } = statSync(file);
    if (mtimeMs !== readAt) {
      readAt = mtimeMs;
      names = new Map();
      for (const line of readFileSync(file, 'utf8').split('\n')) {
        const [address, ...own] = (line.split('#')[0] ?? '').trim().split(/\s+/);
        for (const name of own)
          if (address !== undefined && !names.has(name.toLowerCase())) names.set(name.toLowerCase(), address);
      }
    }
  } catch {
    return undefined;
  }
  return names.get(hostname.toLowerCase());
}

const { lookup } = dns;
const { lookup: lookupPromise } = dns.promises;
const wantsAll = (options: unknown): boolean => (options as LookupOptions | undefined)?.all === true;

dns.lookup = ((hostname: string, options: unknown, callback?: Callback) => {
  const done = (typeof options === 'function' ? options : callback) as Callback;
  const address = typeof hostname === 'string' ? find(hostname) : undefined;
  if (address === undefined) return (lookup as unknown as (...all: unknown[]) => void)(hostname, options, callback);
  const family = address.includes(':') ? 6 : 4;
  process.nextTick(() => (wantsAll(options) ? done(null, [{ address, family }]) : done(null, address, family)));
}) as unknown as typeof dns.lookup;

dns.promises.lookup = (async (hostname: string, options?: unknown) => {
  const address = find(hostname);
  if (address === undefined) return lookupPromise(hostname, options as LookupOptions);
  const entry = { address, family: address.includes(':') ? 6 : 4 };
  return wantsAll(options) ? [entry] : entry;
}) as typeof dns.promises.lookup;
syncBuiltinESMExports();

const watch = Number(process.env.EDGESLOT_WATCH);
if (isMainThread && Number.isInteger(watch) && watch > 2) {
  const pipe = new Socket({ fd: watch, readable: true, writable: false });
  pipe.on('error', () => {});
  pipe.on('close', () => process.kill(process.pid, 'SIGKILL'));
  pipe.resume();
  pipe.unref();
}
