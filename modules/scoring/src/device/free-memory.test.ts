import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { freemem } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../testing/tiny-package.js';
import { freeMemory } from './free-memory.js';

async function host(t: TestContext, files: Record<string, string>): Promise<string> {
  const root = await temporaryDirectory(t);
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  return root;
}

const group = (path: string, max: string, current: number, stat = '') => ({
  [`sys/fs/cgroup/${path}memory.max`]: `${max}\n`,
  [`sys/fs/cgroup/${path}memory.current`]: `${current}\n`,
  [`sys/fs/cgroup/${path}memory.stat`]: stat,
});

test('without control groups it is what the host has available', async (t) => {
  assert.equal(freeMemory(await host(t, {}), 5000), 5000);
  const unlimited = await host(t, { 'proc/self/cgroup': '0::/a\n', ...group('a/', 'max', 700) });
  assert.equal(freeMemory(unlimited, 5000), 5000);
});

test('the tightest group counts, and cached files are free', async (t) => {
  const stat = 'anon 100\ninactive_file 250\nactive_file 50\nfile 300\n';
  const nested = { ...group('a/', '1000', 600, stat), ...group('a/b/', '4000', 100) };
  assert.equal(freeMemory(await host(t, { 'proc/self/cgroup': '0::/a/b\n', ...nested }), 5000), 700);
  assert.equal(freeMemory(await host(t, { 'proc/self/cgroup': '0::/a/b\n', ...nested }), 60), 60);
  const full = await host(t, { 'proc/self/cgroup': '0::/a\n', ...group('a/', '1000', 1200) });
  assert.equal(freeMemory(full, 5000), 0);
});

test('a container sees its own group at the base, whatever path the host gives it', async (t) => {
  const root = await host(t, { 'proc/self/cgroup': '0::/docker/0123\n', ...group('', '2000', 500) });
  assert.equal(freeMemory(root, 5000), 1500);
});

test('the first version of the interface is read too', async (t) => {
  const root = await host(t, {
    'proc/self/cgroup': '5:cpu,cpuacct:/x\n3:memory:/docker/1\n1:name=systemd:/x\n',
    'sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes': '3000\n',
    'sys/fs/cgroup/memory/docker/1/memory.usage_in_bytes': '1000\n',
    'sys/fs/cgroup/memory/docker/1/memory.stat': 'inactive_file 1\ntotal_inactive_file 100\ntotal_active_file 11\n',
  });
  assert.equal(freeMemory(root, 5000), 2111);
});

test('this host says something sensible', () => {
  const free = freeMemory();
  assert.ok(free > 0 && free <= freemem() * 2, String(free));
});
