import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerModel } from '../import/register-model.js';
import { tinyNetwork } from './tiny-network.js';

/** Registers a small network that scores; returns its id. */
export async function registerTiny(
  modelsDir: string,
  name: string,
  tags: Readonly<Record<string, string>> = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'edgeslot-tiny-'));
  const path = join(folder, 'tiny.onnx');
  await writeFile(path, tinyNetwork());
  const { manifest } = await registerModel({ modelsDir, path, name, tags });
  await rm(folder, { recursive: true });
  return `${manifest.name}:${manifest.version}`;
}
