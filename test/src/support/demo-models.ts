import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDemoModels } from '@edgeslot/model-tools';
import type { DemoModel } from './belt-frames.js';
import { DEMO_MODELS } from './checkout.js';

export interface DemoModelPackage {
  readonly name: DemoModel;
  readonly version: number;
  /** `name:version`. */
  readonly id: string;
  readonly directory: string;
}

export interface DemoModels {
  readonly modelsDir: string;
  readonly object: DemoModelPackage;
  readonly colour: DemoModelPackage;
}

/** The two demo models; made when they are not there yet, which takes a minute once. */
export async function demoModels(): Promise<DemoModels> {
  const { models } = await ensureDemoModels({ modelsDir: DEMO_MODELS });
  const find = (name: DemoModel): DemoModelPackage => {
    const model = models.find(({ id }) => id.startsWith(`${name}:`));
    if (!model) throw new Error(`no ${name} among ${models.map(({ id }) => id).join(', ')}`);
    const version = Number(model.id.slice(name.length + 1));
    return { name, version, id: model.id, directory: join(DEMO_MODELS, name, String(version)) };
  };
  return { modelsDir: DEMO_MODELS, object: find('belt-object'), colour: find('belt-colour') };
}

/** A models directory of the test's own, with a copy of one demo model that may be spoilt. */
export async function copyOfModel(model: DemoModelPackage): Promise<{ modelsDir: string; packageDir: string }> {
  const modelsDir = await mkdtemp(join(tmpdir(), 'edgeslot-test-models-'));
  const packageDir = join(modelsDir, model.name, String(model.version));
  await cp(model.directory, packageDir, { recursive: true });
  return { modelsDir, packageDir };
}
