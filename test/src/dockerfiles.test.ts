import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from './support/checkout.js';

const read = (file: string) => readFile(join(ROOT, file), 'utf8');

describe('the Dockerfiles', () => {
  it('copy the manifest of each workspace before they install, as npm ci fails without one of them', async () => {
    const { workspaces } = JSON.parse(await read('package.json')) as { workspaces: string[] };
    for (const file of ['Dockerfile.amd64', 'Dockerfile.arm64']) {
      const [before] = (await read(file)).split('RUN npm ci');
      const copied = [...before!.matchAll(/^COPY (\S+)\/package\.json \1\/$/gm)].map(([, folder]) => folder!);
      assert.deepEqual(copied.sort(), [...workspaces].sort(), file);
    }
  });

  it('differ in nothing but the processor', async () => {
    const [intel, arm] = [await read('Dockerfile.amd64'), await read('Dockerfile.arm64')];
    const renamed = intel
      .replaceAll('linux/amd64', 'linux/arm64')
      .replaceAll('linux-x64', 'linux-arm64')
      .replaceAll('Dockerfile.amd64', 'Dockerfile.arm64')
      .replaceAll('64-bit Intel and AMD', '64-bit ARM');
    assert.equal(renamed, arm);
  });
});
