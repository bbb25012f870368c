import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

export interface SavedDeployment {
  readonly source: string;
  /** The manifest's text, as it was accepted. */
  readonly manifest: string;
}

const FILE = 'deployment.json';

/** The last good deployment, kept over restarts. */
export async function saveDeployment(stateDir: string, deployment: SavedDeployment): Promise<void> {
  const file = path.join(stateDir, FILE);
  await writeFile(`${file}.new`, `${JSON.stringify(deployment)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

export async function loadDeployment(stateDir: string): Promise<SavedDeployment | undefined> {
  const text = await readFile(path.join(stateDir, FILE), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as SavedDeployment);
}
