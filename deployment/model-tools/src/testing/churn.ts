/** A process that registers and deletes models until it is killed: `churn.js MODELS_DIR PACKAGE_DIR NAME`. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseManifest } from '@edgeslot/scoring/model';
import { deleteModel } from '../registry/delete.js';
import { listModels } from '../registry/list.js';
import { publishPackage } from '../registry/publish.js';
import { openStaging, stagingOwner } from '../registry/staging.js';

const MOST_MODELS = 4;

const [modelsDir = '', packageDir = '', name = ''] = process.argv.slice(2);
const manifest = parseManifest(await readFile(join(packageDir, 'model.json'), 'utf8'), packageDir);
const { schemaVersion: _schema, version: _version, created: _created, files, ...draft } = manifest;
const contents = new Map<string, Buffer>();
for (const file of Object.keys(files)) contents.set(file, await readFile(join(packageDir, file)));

process.stdout.write('ready\n');
for (;;) {
  const staging = await openStaging(modelsDir, stagingOwner());
  for (const [file, content] of contents) await writeFile(join(staging, file), content);
  await publishPackage(modelsDir, staging, { ...draft, name });
  const own = (await listModels(modelsDir)).filter((model) => model.name === name);
  for (const { id } of own.slice(0, Math.max(0, own.length - MOST_MODELS))) await deleteModel(modelsDir, id);
}
