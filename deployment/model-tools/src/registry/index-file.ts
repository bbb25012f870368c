import { join } from 'node:path';
import { replaceFile } from './durable.js';
import { INDEX_FILE } from './layout.js';
import { listModels } from './list.js';
import { stagingFile } from './staging.js';

const TRIES = 20;

/**
 * Writes the index anew from the directories. Of two writers at once each looks again after it has written, so the
 * one that writes last has seen what the other published, and no lock is needed.
 */
export async function writeIndex(modelsDir: string): Promise<void> {
  let content = await indexContent(modelsDir);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    await replaceFile(join(modelsDir, INDEX_FILE), content, await stagingFile(modelsDir));
    const now = await indexContent(modelsDir);
    if (now === content) return;
    content = now;
  }
  throw new Error(`${join(modelsDir, INDEX_FILE)}: the registry changed ${TRIES} times while its index was written`);
}

async function indexContent(modelsDir: string): Promise<string> {
  const models = await listModels(modelsDir);
  const entries = models.flatMap<object>(({ id, name, version, manifest, source, bytes }) => {
    if (manifest) {
      const { network, numerics, created, description, tags, parent } = manifest;
      return [{ id, name, version, network, numerics, created, description, tags, parent, bytes }];
    }
    if (!source) return [];
    const { format, created, description, tags } = source;
    return [{ id, name, version, format, created, description, tags, bytes }];
  });
  return `${JSON.stringify({ schemaVersion: 1, models: entries }, null, 2)}\n`;
}
