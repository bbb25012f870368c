import { readdir, readFile, readlink } from 'node:fs/promises';
import { isIPv4 } from 'node:net';

export interface PortOwner {
  readonly pid: number;
  readonly command: string;
}

const LISTEN = '0A';

/** Who listens on a TCP port, as far as /proc lets this user see; undefined elsewhere. */
export async function findPortOwner(host: string, port: number): Promise<PortOwner | undefined> {
  const inodes = new Set([
    ...(await listeners('/proc/net/tcp', host, port)),
    ...(await listeners('/proc/net/tcp6', host, port)),
  ]);
  if (inodes.size === 0) return undefined;
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
      if (inodes.has(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? ''))
        return { pid: Number(pid), command: await commandOf(pid) };
    }
  }
  return undefined;
}

/** One line for a message: `127.0.0.1:50051 is taken by pid 123 (node server.js)`. */
export async function describeTakenPort(host: string, port: number): Promise<string> {
  const owner = await findPortOwner(host, port).catch(() => undefined);
  const who =
    owner === undefined ? 'another process, which this user may not look into' : `pid ${owner.pid} (${owner.command})`;
  return `${host}:${port} is taken by ${who}`;
}

async function listeners(table: string, host: string, port: number): Promise<string[]> {
  const lines = (await readFile(table, 'utf8').catch(() => '')).split('\n').slice(1);
  return lines.flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    const [address = '', hexPort = ''] = local.split(':');
    if (state !== LISTEN || inode === undefined || Number.parseInt(hexPort, 16) !== port) return [];
    return /^0+$/.test(address) || !isIPv4(host) || address.endsWith(hexOf(host)) ? [inode] : [];
  });
}

/** The kernel prints an IPv4 address as one little-endian word, also at the end of a mapped IPv6 address. */
function hexOf(host: string): string {
  return host
    .split('.')
    .reverse()
    .map((byte) => Number(byte).toString(16).padStart(2, '0').toUpperCase())
    .join('');
}

async function commandOf(pid: string): Promise<string> {
  const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const command = raw.replaceAll('\0', ' ').trim();
  return command.length > 100 ? `${command.slice(0, 97)}...` : command || 'unknown command';
}
