import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';

/** Of `sockaddr_un` on Linux, without the byte that ends it. */
const LONGEST_PATH = 107;

/** The address of a socket in a directory whose path may be too long for one. */
export class SocketPath {
  #directory: FileHandle | undefined;

  constructor(
    private readonly directory: string,
    private readonly name: string,
  ) {}

  /** Short enough on Linux, where a long directory is reached through an open descriptor of it. */
  async get(): Promise<string> {
    const path = join(this.directory, this.name);
    if (Buffer.byteLength(path) <= LONGEST_PATH || process.platform !== 'linux') return path;
    this.#directory ??= await open(this.directory, 'r');
    return `/proc/self/fd/${this.#directory.fd}/${this.name}`;
  }

  async close(): Promise<void> {
    await this.#directory?.close();
    this.#directory = undefined;
  }
}
