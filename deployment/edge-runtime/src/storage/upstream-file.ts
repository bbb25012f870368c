import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface UpstreamRecord {
  readonly module: string;
  readonly output?: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly systemProperties: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What would go to IoT Hub: NDJSON, one message per line, rotated by size. */
export interface UpstreamFile {
  readonly path: string;
  /** Messages appended since the file was opened. */
  readonly messages: number;
  /** Resolves when the line is written; rejects when the disk refuses or the queue of unwritten lines is full. */
  append(record: UpstreamRecord): Promise<void>;
  close(): Promise<void>;
}

export interface UpstreamFileOptions {
  readonly dir: string;
  /** Size at which a file is set aside; 16 MiB by default. */
  readonly maxBytes?: number;
  /** Files kept, the current one included; 4 by default. */
  readonly maxFiles?: number;
  /** Bytes that may wait to be written; 8 MiB by default. */
  readonly maxPendingBytes?: number;
}

interface Pending {
  readonly line: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const FILE_NAME = 'upstream.ndjson';

export async function openUpstreamFile(options: UpstreamFileOptions): Promise<UpstreamFile> {
  await mkdir(options.dir, { recursive: true, mode: 0o700 });
  const path = join(options.dir, FILE_NAME);
  const { file, size } = await openAtLineEnd(path);
  return new RotatingFile(path, file, size, options);
}

class RotatingFile implements UpstreamFile {
  messages = 0;
  #pending: Pending[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> | undefined;
  #closed = false;

  constructor(
    readonly path: string,
    private file: FileHandle,
    private size: number,
    private readonly options: UpstreamFileOptions,
  ) {}

  append(record: UpstreamRecord): Promise<void> {
    if (this.#closed) return Promise.reject(new Error(`${this.path} is closed`));
    const line = Buffer.from(`${JSON.stringify({ enqueuedTime: new Date().toISOString(), ...record })}\n`);
    if (this.#pendingBytes + line.length > (this.options.maxPendingBytes ?? 8 * 1024 * 1024)) {
      return Promise.reject(
        new Error(`${this.path}: ${this.#pendingBytes} bytes wait to be written, the disk is slow`),
      );
    }
    this.#pendingBytes += line.length;
    return new Promise((resolve, reject) => {
      this.#pending.push({ line, resolve, reject });
      this.#writing ??= this.#drain();
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#writing;
    await this.file.close();
  }

  async #drain(): Promise<void> {
    // Lines that came in while the last write ran go out as one write.
    await Promise.resolve();
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      const data = Buffer.concat(batch.map((entry) => entry.line));
      try {
        if (this.size > 0 && this.size + data.length > (this.options.maxBytes ?? 16 * 1024 * 1024))
          await this.#rotate();
        await this.file.appendFile(data);
        this.size += data.length;
        this.messages += batch.length;
        for (const entry of batch) entry.resolve();
      } catch (cause) {
        const error = new Error(`${this.path}: ${(cause as Error).message}`, { cause });
        for (const entry of batch) entry.reject(error);
      }
      this.#pendingBytes -= data.length;
    }
    this.#writing = undefined;
  }

  async #rotate(): Promise<void> {
    const oldest = (this.options.maxFiles ?? 4) - 1;
    await rm(`${this.path}.${oldest}`, { force: true });
    for (let index = oldest - 1; index >= 1; index -= 1) {
      await rename(`${this.path}.${index}`, `${this.path}.${index + 1}`).catch(ignoreMissing);
    }
    const old = this.file;
    if (oldest >= 1) await rename(this.path, `${this.path}.1`).catch(ignoreMissing);
    else await rm(this.path, { force: true });
    this.file = await open(this.path, 'a', 0o600);
    this.size = 0;
    await old.close();
  }
}

/** A crash may have left half a line: what follows must start on its own line. */
async function openAtLineEnd(path: string): Promise<{ file: FileHandle; size: number }> {
  const file = await open(path, 'a+', 0o600);
  const { size } = await file.stat();
  if (size === 0) return { file, size };
  const last = Buffer.alloc(1);
  await file.read(last, 0, 1, size - 1);
  if (last[0] === 0x0a) return { file, size };
  await file.appendFile('\n');
  return { file, size: size + 1 };
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
