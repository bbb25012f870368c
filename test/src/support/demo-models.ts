import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDemoModels } from '@edgeslot/model-tools';
import { DEMO_MODELS } from './checkout.js';

/** Makes the demo models when they are not there yet; minutes once, nothing afterwards. */
export async function demoModels(): Promise<string> {
  await ensureDemoModels({ modelsDir: DEMO_MODELS });
  return DEMO_MODELS;
}

/** A models directory of the test's own, with a copy of one demo model that may be spoilt. */
export async function copyOfModel(name: string): Promise<{ modelsDir: string; packageDir: string }> {
  const modelsDir = await mkdtemp(join(tmpdir(), 'edgeslot-test-models-'));
  const packageDir = join(modelsDir, name, '1');
  await cp(join(await demoModels(), name, '1'), packageDir, { recursive: true });
  return { modelsDir, packageDir };
}
