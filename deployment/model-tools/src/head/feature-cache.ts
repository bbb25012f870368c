import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelManifest } from '@edgeslot/scoring/model';
import { FEATURES_FOLDER } from '../registry/layout.js';

/** Featurizers whose features are kept; those used longest ago go first. */
const MOST_FEATURIZERS = 8;

/**
 * Features that were computed before, a small file for each picture: `<models>/.features/<featurizer>/<picture>`. Both
 * names are digests of what decides the features, so a hit is never stale.
 */
export class FeatureCache {
  private constructor(
    private readonly folder: string,
    private readonly columns: number,
  ) {}

  static async open(modelsDir: string, manifest: ModelManifest): Promise<FeatureCache> {
    const { featurizer, preprocessing, files } = manifest;
    const content = JSON.stringify([files[featurizer.file]!.sha256, featurizer, preprocessing]);
    const base = join(modelsDir, FEATURES_FOLDER);
    const folder = join(base, createHash('sha256').update(content).digest('hex').slice(0, 32));
    await mkdir(folder, { recursive: true });
    await utimes(folder, new Date(), new Date());
    await prune(base);
    const shape = featurizer.outputs[0]!.shape;
    return new FeatureCache(
      folder,
      shape.slice(1).reduce((product, size) => product * size, 1),
    );
  }

  async get(sha256: string): Promise<Float32Array | undefined> {
    const bytes = await readFile(join(this.folder, sha256)).catch(() => undefined);
    if (bytes?.byteLength !== this.columns * 4) return undefined;
    const values = new Float32Array(this.columns);
    new Uint8Array(values.buffer).set(bytes);
    return values.every(Number.isFinite) ? values : undefined;
  }

  /** A cache that cannot be written (a full disk, no permission) is only slower. */
  async put(sha256: string, values: Float32Array): Promise<void> {
    const file = join(this.folder, sha256);
    const draft = `${file}.${process.pid}`;
    try {
      await writeFile(draft, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      await rename(draft, file);
    } catch {
      await rm(draft, { force: true }).catch(() => undefined);
    }
  }
}

async function prune(base: string): Promise<void> {
  const folders = await Promise.all(
    (await readdir(base)).map(async (name) => ({ name, used: (await stat(join(base, name))).mtimeMs })),
  );
  folders.sort((a, b) => b.used - a.used);
  for (const { name } of folders.slice(MOST_FEATURIZERS)) await rm(join(base, name), { recursive: true, force: true });
}
