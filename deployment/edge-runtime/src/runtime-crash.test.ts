import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectControl } from './control/client.js';
import { fixtureManifest, get, isAlive, TestRuntime } from './testing/test-runtime.js';

const CHILD = fileURLToPath(new URL('testing/runtime-child.js', import.meta.url));
const isolations = process.platform === 'linux' ? ['namespaces', 'preload'] : ['preload'];

async function waitUntil<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 500; tries++) {
    const found = await look();
    if (found !== undefined) return found;
    await delay(20);
  }
  throw new Error(`waited 10 s for ${what}`);
}

describe('a runtime that is killed', () => {
  for (const isolation of isolations) {
    it(`takes its modules with it, and the next one finds the rest (${isolation})`, async () => {
      const stateDir = await mkdtemp(path.join(tmpdir(), 'edgeslot-crash-'));
      const child = spawn(process.execPath, [CHILD, stateDir, isolation], { stdio: 'inherit' });
      const place = await waitUntil('the module', async () => {
        const control = await connectControl(stateDir).catch(() => undefined);
        const [module] = (await control?.status().catch(() => undefined))?.modules ?? [];
        return module?.pid === undefined ? undefined : { pid: module.pid, address: module.address };
      });
      const { pid: grandchild } = await waitUntil('an answer', () =>
        get<{ pid: number }>(place.address, 8080, '/spawn').catch(() => undefined),
      );
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      await waitUntil('the module to end', async () => !isAlive(place.pid) || undefined);

      const test = await TestRuntime.start({ stateDir, manifest: fixtureManifest({ probe: {} }) });
      try {
        if (process.platform === 'linux') {
          await waitUntil('what it had started to end', async () => !isAlive(grandchild) || undefined);
          assert.ok(test.logLines.some((line) => line.includes(`pid ${grandchild}`)));
        }
        await test.ask('probe');
      } finally {
        await test.end();
      }
    });
  }
});
