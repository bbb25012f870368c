import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { judgeManifest } from './agent/judge-manifest.js';
import { loadDeployment } from './agent/saved-deployment.js';
import { acquireStateDir } from './control/state-lock.js';
import { LocalRuntime } from './local-runtime.js';
import type { Runtime, RuntimeOptions } from './runtime-options.js';
import { markStateDir } from './storage/state-directory.js';

export type { Runtime, RuntimeLog, RuntimeOptions } from './runtime-options.js';

/** Throws ManifestError (with `findings`) for a bad manifest and RuntimeRunningError when one runs on this state directory. */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const stateDir = path.resolve(options.stateDir);
  const lock = await acquireStateDir(stateDir);
  try {
    await markStateDir(stateDir);
    const { manifest, source } = await findManifest(options, stateDir);
    // Nothing is started for a manifest that will be refused.
    judgeManifest(manifest, source);
    const runtime = new LocalRuntime({ ...options, stateDir }, lock);
    await runtime.start(manifest, source);
    return runtime;
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function findManifest(
  options: RuntimeOptions,
  stateDir: string,
): Promise<{ manifest: string | Readonly<Record<string, unknown>>; source: string }> {
  const { manifest, manifestFile } = options;
  if (manifest !== undefined) return { manifest, source: options.source ?? manifestFile ?? 'a manifest in memory' };
  if (manifestFile === undefined) {
    const saved = await loadDeployment(stateDir);
    if (saved === undefined)
      throw new Error(`no deployment manifest was given, and ${stateDir} holds none from an earlier run`);
    return saved;
  }
  const text = await readFile(manifestFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      `the deployment manifest ${manifestFile} cannot be read: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`,
    );
  });
  return { manifest: text, source: options.source ?? manifestFile };
}
