import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { AddonLoad } from './addon.js';
import type { CatapultNode } from './catapult-probe.js';
import { probeCatapult } from './probe.js';

const missing = (): AddonLoad => ({ error: 'build/Release/edgeslot.node: no such file' });

describe('probeCatapult', () => {
  let devDir: string;
  const at = (number: number) => join(devDir, `catapult${number}`);
  const answering =
    (...nodes: CatapultNode[]) =>
    (): AddonLoad => ({ addon: { probe: async () => nodes } });
  const probe = (load: () => AddonLoad) => probeCatapult({ devDir, sysfsDir: '/nowhere/class', load });
  const role = (number: number): CatapultNode => ({
    path: at(number),
    functionType: 'role',
    driver: '5.1.4.12',
    slots: 64,
    bytesPerSlot: 1048576,
    temperature: 52,
  });

  beforeEach(async () => {
    devDir = await mkdtemp(join(tmpdir(), 'edgeslot-dev-'));
  });
  afterEach(() => rm(devDir, { recursive: true, force: true }));

  it('says that there is no card, with and without the addon', async () => {
    await writeFile(join(devDir, 'catapult'), '');
    await mkdir(join(devDir, 'catapult-0'));
    const without = await probe(missing);
    assert.deepEqual(without, {
      available: false,
      reason: `there is no Catapult card: ${at(0)} does not exist`,
      addon: 'missing',
      addonError: 'build/Release/edgeslot.node: no such file',
      nodes: [],
    });
    const withAddon = await probe(answering());
    assert.equal(withAddon.reason, without.reason);
    assert.equal(withAddon.addon, 'loaded');
  });

  it('says that the directory cannot be listed', async () => {
    const { available, reason } = await probeCatapult({ devDir: join(devDir, 'gone'), load: missing });
    assert.equal(available, false);
    assert.match(reason, /^there is no Catapult card: .*gone cannot be listed: ENOENT/);
  });

  it('says how to get the addon when there is a node to ask', async () => {
    await writeFile(at(1), '');
    const { available, reason, nodes } = await probe(missing);
    assert.equal(available, false);
    assert.match(reason, /catapult1 present, but the native addon is not built: install a C\+\+ compiler/);
    assert.deepEqual(nodes, [{ path: at(1) }]);
  });

  it('picks the role function', async () => {
    await writeFile(at(0), '');
    const found = await probe(answering({ path: at(0), functionType: 'management', driver: '5.1.4.12' }, role(1)));
    assert.equal(found.available, true);
    assert.equal(found.role, at(1));
    assert.equal(found.reason, `role function at ${at(1)}, driver 5.1.4.12, 64 slots of 1048576 bytes, 52 °C`);
  });

  it('takes a second card when the first one fails', async () => {
    await writeFile(at(0), '');
    const failing = { path: at(1), functionType: 'role', error: 'open: EBUSY (Device or resource busy)' };
    const found = await probe(answering(failing, role(3)));
    assert.equal(found.role, at(3));
    const alone = await probe(answering({ path: at(0), functionType: 'management' }, failing));
    assert.equal(alone.available, false);
    assert.equal(alone.reason, `${at(1)}: open: EBUSY (Device or resource busy)`);
    assert.equal('role' in alone, false);
  });

  it('says that only management functions are there', async () => {
    await writeFile(at(0), '');
    const { available, reason } = await probe(answering({ path: at(0), functionType: 'management' }));
    assert.equal(available, false);
    assert.equal(reason, `no role function, which runs the models: only ${at(0)} (management)`);
  });

  it('says what it could not find out of a node of unknown function', async () => {
    await writeFile(at(0), '');
    const silent = await probe(answering({ path: at(0), driver: '5.1.4.12' }));
    assert.equal(silent.reason, `${at(0)}: /nowhere/class does not tell whether it is the role function`);
    const failing = await probe(answering({ path: at(0), error: 'open: EACCES (Permission denied)' }));
    assert.equal(failing.reason, `${at(0)}: open: EACCES (Permission denied)`);
  });

  it('survives a card that goes away and an addon that fails', async () => {
    await writeFile(at(0), '');
    assert.equal((await probe(answering())).reason, 'the card disappeared while it was probed');
    const failing = await probe(() => ({ addon: { probe: () => Promise.reject(new Error('listing /dev: EMFILE')) } }));
    assert.equal(failing.available, false);
    assert.match(failing.reason, /the probe failed: listing \/dev: EMFILE$/);
  });
});
