// The reference plug-in, right and wrong, compiled for tests, and networks to load.
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { CardNetwork } from './card.js';

const run = promisify(execFile);
const source = fileURLToPath(new URL('../plugin/echo.c', import.meta.url));
const compiler = ['cc', 'gcc', 'clang'].find(
  (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
);

/** Why there can be no plug-in here; nothing when there can. */
export const noLibrary = process.platform !== 'linux' ? 'no Linux' : compiler ? undefined : 'no C compiler';

/** A folder that nobody but this user can write, as that of a vendor's library has to be. */
export class LibraryFolder {
  private constructor(readonly path: string) {}

  static async make(): Promise<LibraryFolder> {
    return new LibraryFolder(await mkdtemp(join(tmpdir(), 'edgeslot-library-')));
  }

  /** Compiles the plug-in, with definitions that make it wrong on purpose; gives its path. */
  async library(name: string, ...definitions: string[]): Promise<string> {
    const path = join(this.path, name);
    const flags = ['-x', 'c', '-std=c11', '-D_GNU_SOURCE', '-fPIC', '-shared', '-fvisibility=hidden', '-O1'];
    await run(compiler!, [...flags, ...definitions.map((one) => `-D${one}`), '-o', path, source]);
    await chmod(path, 0o644);
    return path;
  }

  /** A file of those bytes, as the network that the plug-in answers with its own input. */
  async echoNetwork(bytes: Uint8Array = Buffer.from('a graph')): Promise<CardNetwork> {
    return this.network(bytes, {
      input: { name: 'in', rows: 1, columns: 1, channels: 32, border: 0 },
      output: { name: 'out', rows: 1, columns: 1, channels: 32 },
    });
  }

  async network(bytes: Uint8Array, shapes: Pick<CardNetwork, 'input' | 'output'>): Promise<CardNetwork> {
    const path = join(this.path, `${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}.onnx`);
    await writeFile(path, bytes);
    return {
      path,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      needs: {
        nativeDimension: 128,
        multifunctionUnits: 2,
        matrixRegisters: 128,
        initialVectors: 9075,
        addsubVectors: 12_100,
        dramVectors: 422,
        matrixTiles: 1461,
      },
      cycles: 3_000,
      ...shapes,
    };
  }

  remove(): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }
}
