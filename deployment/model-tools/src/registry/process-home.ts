import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Where process ids mean the same as here, as eight hex digits: this boot of this host and, on Linux, this PID
 * namespace. Containers and hosts that share a models directory see each other's process ids as dead ones.
 */
export const PROCESS_HOME = createHash('sha256')
  .update([hostname(), tryRead(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))].join('\n'))
  .update(tryRead(() => readlinkSync('/proc/self/ns/pid')))
  .digest('hex')
  .slice(0, 8);

function tryRead(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
