import { type FileHandle, open, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { COPIES, COPY_BYTES, encodeRecord, type Holder, type LeaseRecord, newestRecord } from './lease-record.js';
import type { Reservation } from './protocol-types.js';

const LARGEST_EPOCH = 0xffff_ffff;
const NOTHING_YET: LeaseRecord = { revision: 0, epoch: 0 };

/**
 * The lock file, open. It is written in place, because a renamed file would be another file with a lock of its own; in
 * two copies in turn, each on the disk before the other is touched, so that one is always whole.
 */
export class LeaseFile {
  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
  ) {}

  /** Makes the file, but not its directory: a directory that nobody else sees would be a lease that protects nothing. */
  static async open(path: string): Promise<LeaseFile> {
    // Opened for reading and writing without cutting: 'a+' appends, so the file is made first when it is not there.
    try {
      await (await open(path, 'a', 0o660)).close();
      return new LeaseFile(path, await open(path, 'r+'));
    } catch (error) {
      throw new Error(explain(error as NodeJS.ErrnoException), { cause: error });
    }
  }

  get fd(): number {
    return this.handle.fd;
  }

  /** Whether this is the file that others find under the path. */
  async isCurrent(): Promise<boolean> {
    const own = await this.handle.stat();
    const shown = await stat(this.path).catch(() => undefined);
    return shown?.ino === own.ino && shown.dev === own.dev;
  }

  /** Of a file that is not empty and has no whole copy, the epoch is one that no count of hand-overs has reached. */
  async read(): Promise<LeaseRecord> {
    const buffer = Buffer.alloc(COPIES * COPY_BYTES);
    const { bytesRead } = await this.handle.read(buffer, 0, buffer.length, 0);
    return newestRecord(buffer) ?? (bytesRead === 0 ? NOTHING_YET : { revision: 0, epoch: secondsNow() });
  }

  /** The new holder's epoch, on the disk when it resolves. This and what follows is for who has the lock. */
  async take(holder: Holder): Promise<number> {
    const before = await this.read();
    const epoch = before.epoch >= LARGEST_EPOCH ? 1 : before.epoch + 1;
    await this.#write({ revision: before.revision + 1, epoch, holder });
    return epoch;
  }

  /** What the holder has loaded. */
  async describe(model: string): Promise<void> {
    const { revision, epoch, holder } = await this.read();
    if (!holder || holder.model === model) return;
    await this.#write({ revision: revision + 1, epoch, holder: { ...holder, model } });
  }

  /** Nobody holds it, and who should be next. */
  async giveUp(reserved?: Reservation): Promise<void> {
    const { revision, epoch } = await this.read();
    await this.#write({ revision: revision + 1, epoch, ...(reserved && { reserved }) });
  }

  /** Frees the lock. */
  close(): Promise<void> {
    return this.handle.close();
  }

  async #write(record: LeaseRecord): Promise<void> {
    const at = (record.revision % COPIES) * COPY_BYTES;
    const { size } = await this.handle.stat();
    await this.handle.write(encodeRecord(record), 0, COPY_BYTES, at);
    await this.handle.sync();
    if (size === 0) await syncDirectory(dirname(this.path));
  }
}

/** What the file says, for who only looks. */
export async function readLeaseRecord(path: string): Promise<LeaseRecord | undefined> {
  return newestRecord(await readFile(path).catch(() => Buffer.alloc(0)));
}

function explain({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') {
    return 'there is no such directory; make it, or in a container bind one of the host (HostConfig.Binds), the same for every module that may use the device';
  }
  const access = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
  return access ? `${message}; expected a directory in which this module may make and write files` : message;
}

function secondsNow(): number {
  return Math.floor(Date.now() / 1000);
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
