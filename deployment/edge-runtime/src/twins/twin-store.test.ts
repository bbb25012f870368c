import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { applyMergePatch, diffMergePatch, type JsonObject } from './merge-patch.js';
import { openTwinStore, type TwinChange, TwinValidationError } from './twin-store.js';
import { validateProperties } from './validate-properties.js';

describe('twin store', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeslot-twins-'));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  it('raises the version of desired only when something changed', async () => {
    const store = await openTwinStore({ dir, deviceId: 'd' });
    const changes: TwinChange[] = [];
    const stop = store.onChange((change) => changes.push(change));
    assert.deepEqual(store.get('m').properties, { desired: { $version: 1 }, reported: { $version: 1 } });
    assert.equal(store.replaceDesired('m', { a: 1, b: { c: [1] }, n: null }).properties.desired.$version, 2);
    assert.equal(store.replaceDesired('m', { b: { c: [1] }, a: 1 }).properties.desired.$version, 2);
    assert.equal(store.replaceDesired('m', { b: { d: 2 }, $version: 9 }).properties.desired.$version, 3);
    assert.deepEqual(changes.at(-1), {
      moduleId: 'm',
      section: 'desired',
      patch: { a: null, b: { c: null, d: 2 } },
      version: 3,
    });
    assert.deepEqual(store.patchDesired('m', { b: null, z: 1 }).properties.desired, { z: 1, $version: 4 });
    assert.equal(changes.length, 3);
    stop();
    await store.close();
  });

  it('survives a restart and sets damaged files aside', async () => {
    const store = await openTwinStore({ dir, deviceId: 'd' });
    store.patchReported('scoring', { slot: { state: 'AVAILABLE' } });
    store.patchReported('$edgeAgent', { 'a.b': 'x'.repeat(40_000) });
    store.patchReported('old', { a: 1 });
    await store.remove('old');
    await store.close();
    await writeFile(join(dir, 'bad.json'), '{"moduleId":');
    await writeFile(join(dir, 'scoring.json.1.1.tmp'), '{');
    const lines: string[] = [];
    const again = await openTwinStore({ dir, deviceId: 'd', log: (line) => lines.push(line) });
    assert.deepEqual(again.get('scoring').properties.reported, { slot: { state: 'AVAILABLE' }, $version: 2 });
    assert.equal(again.get('m').properties.desired.$version, 4);
    assert.equal(again.get('old').properties.reported.$version, 1);
    assert.equal(lines.length, 1);
    await again.close();
    const names = await readdir(dir);
    assert.ok(names.includes('bad.json.damaged') && !names.some((name) => name.endsWith('.tmp')));
    assert.equal((await stat(join(dir, 'scoring.json'))).mode & 0o777, 0o600);
  });

  it('is not changed by what callers do with their objects', async () => {
    const store = await openTwinStore({ dir, deviceId: 'd' });
    const patch = { list: [1] };
    store.patchDesired('own', patch);
    patch.list.push(2);
    (store.get('own').properties.desired.list as number[]).push(3);
    assert.deepEqual(store.get('own').properties.desired.list, [1]);
    await store.close();
  });

  it('refuses what is over a section’s size, also by small steps', async () => {
    const store = await openTwinStore({ dir, deviceId: 'd' });
    assert.throws(() => {
      for (let at = 0; at < 20; at += 1) store.patchReported('big', { [`k${at}`]: 'x'.repeat(4000) });
    }, TwinValidationError);
    assert.throws(() => store.patchReported('big', [1]), TwinValidationError);
    await store.close();
  });
});

describe('limits of properties', () => {
  const nest = (levels: number, leaf: unknown): unknown => (levels === 0 ? leaf : { a: nest(levels - 1, leaf) });
  const good: unknown[] = [
    {},
    nest(11, 1),
    { 'ü-x': ['1', [2]], f: 1.5, max: 4503599627370495, min: -4503599627370496, n: null },
    { s: 'x'.repeat(4096), ['k'.repeat(1024)]: true },
  ];
  const bad: [unknown, RegExp][] = [
    [[], /must be a JSON object, got an array/],
    [null, /got null/],
    [nest(12, 1), /deeper than 10/],
    [nest(11, []), /deeper than 10/],
    [{ 'a.b': 1 }, /holds "\."/],
    [{ a: { $x: 1 } }, /holds "\$"/],
    [{ 'a b': 1 }, /holds " "/],
    [{ 'a\u00a0b': 1 }, /white space/],
    [{ 'a\u0001': 1 }, /holds/],
    [{ 'a#': 1 }, /holds "#"/],
    [{ ['k'.repeat(1025)]: 1 }, /longer than 1024/],
    [{ s: 'x'.repeat(4097) }, /4097 bytes/],
    [{ i: 4503599627370496 }, /an integer must be/],
    [{ l: [1, null] }, /l\[1\] is null/],
    [{ l: [{ a: null }] }, /l\[0\]\.a is null/],
    [Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`k${at}`, 'x'.repeat(4000)])), /at most 32768/],
  ];
  it('accepts what lies within', () => {
    for (const value of good) validateProperties(value, 'reported');
  });
  it('refuses what lies outside, naming it', () => {
    for (const [value, message] of bad) {
      assert.throws(
        () => validateProperties(value, 'reported'),
        (error: Error) => error instanceof TwinValidationError && message.test(error.message),
        String(message),
      );
    }
  });
});

describe('merge patch', () => {
  const json = fc.dictionary(
    fc.constantFrom('a', 'b', 'c', '__proto__'),
    fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.integer(),
        fc.array(fc.integer()),
        fc.dictionary(fc.constantFrom('a', 'b'), tie('value')),
      ),
    })).value,
  );
  it('of the difference leads from one object to the other', () => {
    fc.assert(
      fc.property(json, json, (from, to) => {
        const patch = diffMergePatch(from as JsonObject, to as JsonObject);
        assert.equal(JSON.stringify(sorted(applyMergePatch(from, patch))), JSON.stringify(sorted(to)));
      }),
    );
  });
});

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, each]) => [name, sorted(each)]);
}
