import { accessSync, constants, readFileSync } from 'node:fs';
import { release } from 'node:os';

const LEAST_KERNEL = [6, 9] as const;
const CAP_SYS_ADMIN = 21n;

/** Why the virtual card cannot run on this machine, in one line; nothing when it can, as far as can be told. */
export function whyNotHere(): string | undefined {
  const needs = (what: string) => `the virtual card needs ${what}`;
  if (process.platform !== 'linux') return needs(`Linux, this is ${process.platform}`);
  if (process.arch !== 'x64') return needs(`an x86-64 processor, as a Catapult card does; this is ${process.arch}`);
  const [major = 0, minor = 0] = release()
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  const [leastMajor, leastMinor] = LEAST_KERNEL;
  if (major < leastMajor || (major === leastMajor && minor < leastMinor))
    return needs(`FUSE passthrough, Linux ${LEAST_KERNEL.join('.')} or later; this is ${release()}`);
  if (!mayAdminister()) return needs('root (CAP_SYS_ADMIN), to mount a file system and pass memory through it');
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
  } catch (error) {
    return needs(`/dev/fuse, which this user cannot open (${(error as NodeJS.ErrnoException).code})`);
  }
  return undefined;
}

/** Root in a container may well lack what it takes. */
function mayAdminister(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return effective !== undefined && ((BigInt(`0x${effective}`) >> CAP_SYS_ADMIN) & 1n) === 1n;
}
