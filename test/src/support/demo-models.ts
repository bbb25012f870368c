import { copyFile, cp, link, mkdir, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDemoModels } from '@edgeslot/model-tools';
import type { DemoModel } from './belt-frames.js';
import { DEMO_MODELS, TEST_MODELS } from './checkout.js';

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
  const shared = await ensureDemoModels({ modelsDir: DEMO_MODELS });
  const own = shared.models.some((model) => model.own);
  const modelsDir = own ? TEST_MODELS : DEMO_MODELS;
  const { models } = own ? await ensureDemoModels({ modelsDir }) : shared;
  const find = (name: DemoModel): DemoModelPackage => {
    const model = models.find(({ id }) => id.startsWith(`${name}:`));
    if (!model) throw new Error(`no ${name} among ${models.map(({ id }) => id).join(', ')}`);
    const version = Number(model.id.slice(name.length + 1));
    return { name, version, id: model.id, directory: join(modelsDir, name, String(version)) };
  };
  return { modelsDir, object: find('belt-object'), colour: find('belt-colour') };
}

/** A models directory of the test's own, with a copy of one demo model that may be spoilt. */
export async function copyOfModel(model: DemoModelPackage): Promise<{ modelsDir: string; packageDir: string }> {
  const modelsDir = await mkdtemp(join(tmpdir(), 'edgeslot-test-models-'));
  const packageDir = join(modelsDir, model.name, String(model.version));
  await cp(model.directory, packageDir, { recursive: true });
  return { modelsDir, packageDir };
}

/**
 * A models directory of the test's own with both demo models: their files are links where the file
 * system allows it, so they may be deleted but not written to.
 */
export async function linkedModels({ object, colour }: DemoModels): Promise<string> {
  const modelsDir = await mkdtemp(join(tmpdir(), 'edgeslot-test-models-'));
  for (const model of [object, colour]) {
    const place = join(modelsDir, model.name, String(model.version));
    await mkdir(place, { recursive: true });
    for (const file of await readdir(model.directory)) {
      const [from, to] = [join(model.directory, file), join(place, file)];
      await link(from, to).catch(() => copyFile(from, to));
    }
  }
  return modelsDir;
}
