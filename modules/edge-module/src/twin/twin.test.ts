import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DesiredTwin } from './desired-twin.js';
import { applyMergePatch, type JsonObject, replacementPatch } from './merge-patch.js';
import { findReportedFault } from './reported-limits.js';
import { ReportedTwin } from './reported-twin.js';

const names = fc.constantFrom('a', 'b', 'c', 'd');
const leaf = fc.oneof(
  fc.integer(),
  fc.boolean(),
  fc.string({ maxLength: 3 }),
  fc.array(fc.integer(), { maxLength: 3 }),
);
const object: fc.Arbitrary<JsonObject> = fc.letrec<{ node: JsonObject }>((tie) => ({
  node: fc.dictionary(names, fc.oneof({ maxDepth: 3 }, leaf, tie('node')), { maxKeys: 4 }),
})).node;

const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

describe('merge patch', () => {
  it('follows the examples of RFC 7396', () => {
    assert.deepEqual(applyMergePatch({ a: 'b' }, { a: 'c' }), { a: 'c' });
    assert.deepEqual(applyMergePatch({ a: 'b', b: 'c' }, { a: null }), { b: 'c' });
    assert.deepEqual(applyMergePatch({ a: [1, 2, 3] }, { a: [9] }), { a: [9] });
    assert.deepEqual(applyMergePatch({ a: { b: 'c' } }, { a: { b: 'd', c: null } }), { a: { b: 'd' } });
    assert.deepEqual(applyMergePatch({}, { a: { bb: { ccc: null } } }), { a: { bb: {} } });
    assert.deepEqual(applyMergePatch({ a: 'b' }, ['c']), ['c']);
    const patch = JSON.parse('{"__proto__":{"polluted":true}}');
    applyMergePatch({}, patch);
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });

  it('makes any object of any other by a replacement', () => {
    fc.assert(
      fc.property(object, object, (from, to) => {
        assert.deepEqual(plain(applyMergePatch(from, replacementPatch(from, to))), plain(to));
      }),
    );
  });
});

describe('limits of a reported patch', () => {
  const nested = (depth: number): JsonObject => (depth === 0 ? { leaf: 1 } : { next: nested(depth - 1) });

  it('takes what the hub takes', () => {
    for (const patch of [
      {},
      { a: null },
      { a: [1, 'x', true, { b: 1 }] },
      nested(10),
      { a: 'x'.repeat(4096), b: 1.5, c: 4503599627370495 },
    ])
      assert.equal(findReportedFault(patch), undefined);
  });

  it('names what the hub would refuse', () => {
    const cases: [unknown, RegExp][] = [
      [{ 'a.b': 1 }, /reported: name "a\.b" holds white space/],
      [{ a: { 'b c': 1 } }, /reported\.a: name "b c"/],
      [{ $a: 1 }, /name "\$a"/],
      [{ a: 'x'.repeat(4097) }, /reported\.a has 4097 bytes; expected at most 4096/],
      [{ a: 4503599627370496 }, /expected -4503599627370496 to 4503599627370495/],
      [{ a: Number.NaN }, /finite/],
      [{ a: [1, null] }, /reported\.a\[1\] is or holds null/],
      [{ a: [{ b: null }] }, /reported\.a\[0\] is or holds null/],
      [nested(11), /nested 11 deep/],
      [Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`k${i}`, 'x'.repeat(4000)])), /expected at most 32768/],
    ];
    for (const [patch, text] of cases) assert.match(findReportedFault(patch) ?? 'no fault', text);
  });
});

describe('desired twin', () => {
  it('takes patches in order only', () => {
    const twin = new DesiredTwin();
    assert.equal(twin.patch({ a: 1, $version: 2 }), 'gap');
    assert.deepEqual(twin.replace({ a: 1, $version: 2, $metadata: {} }), new Set(['a']));
    assert.equal(twin.replace({ a: 1, $version: 2 }), undefined);
    assert.equal(twin.patch({ a: 2, $version: 4 }), 'gap');
    assert.deepEqual(twin.patch({ b: { c: 1 }, $version: 3 }), new Set(['b']));
    assert.equal(twin.patch({ b: null, $version: 3 }), 'stale');
    assert.deepEqual(twin.current, { properties: { a: 1, b: { c: 1 } }, version: 3 });
    assert.equal(twin.patch('nonsense'), 'gap');
    assert.throws(() => twin.replace({ a: 1 }), /no \$version/);
    assert.deepEqual(twin.replace({ $version: 1 }), new Set(['a', 'b']));
  });

  it('names what a patch asks for anew, and of a whole twin what differs', () => {
    const twin = new DesiredTwin();
    twin.replace({ a: { x: [1, 2] }, b: 1, $version: 1 });
    assert.deepEqual(twin.patch({ b: 1, $version: 2 }), new Set(['b']));
    assert.deepEqual(twin.replace({ b: 1, a: { x: [1, 2] }, $version: 3 }), new Set());
    assert.deepEqual(twin.replace({ a: { x: [1] }, c: null, $version: 4 }), new Set(['a', 'b']));
    assert.deepEqual(twin.current?.properties, { a: { x: [1] } });
  });

  it('holds what the hub holds at the same version, whatever is lost, doubled or out of order', () => {
    const value = fc.oneof(object, leaf, fc.constant(null));
    const change = fc.dictionary(names, value, { maxKeys: 3 });
    const fate = fc.constantFrom('once', 'twice', 'lost', 'late');
    fc.assert(
      fc.property(fc.array(fc.tuple(change, fate), { maxLength: 12 }), (changes) => {
        let hub: JsonObject = { $version: 1 };
        const twin = new DesiredTwin();
        twin.replace(hub);
        const late: JsonObject[] = [];
        const bring = (patch: JsonObject) => {
          const before = twin.current!.version;
          if (twin.patch(patch) === 'gap') twin.replace(hub);
          assert.ok(twin.current!.version >= before);
          if (twin.current!.version === hub.$version)
            assert.deepEqual(plain({ ...twin.current!.properties, $version: hub.$version }), plain(hub));
        };
        for (const [one, how] of changes) {
          const patch = { ...one, $version: (hub.$version as number) + 1 };
          hub = applyMergePatch(hub, patch) as JsonObject;
          if (how === 'late') late.push(patch);
          else if (how !== 'lost') bring(patch);
          if (how === 'twice') bring(patch);
        }
        for (const patch of late) bring(patch);
        bring({ $version: (hub.$version as number) + 1 });
      }),
    );
  });
});

describe('reported twin', () => {
  const settle = async () => {
    for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
  };

  it('coalesces, replaces sections as a whole, and holds one patch on its way', async () => {
    const twin = new ReportedTwin();
    const patches: JsonObject[] = [];
    let answer = () => {};
    twin.set('slot', { state: 'START' });
    twin.resume(
      { slot: { state: 'END', error: 'x' }, other: 1 },
      (patch) => {
        patches.push(patch);
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
      assert.fail,
    );
    twin.set('slot', { state: 'LOADING' });
    twin.set('device', { kind: 'emulator' });
    await settle();
    twin.set('slot', { state: 'AVAILABLE' });
    twin.set('device', null);
    await settle();
    assert.deepEqual(patches, [{ slot: { state: 'LOADING', error: null }, device: { kind: 'emulator' } }]);
    answer();
    await settle();
    assert.deepEqual(patches[1], { slot: { state: 'AVAILABLE' }, device: null });
    answer();
    await twin.flush();
    assert.equal(twin.pending, 0);
    assert.deepEqual(twin.reconcile({ slot: { state: 'AVAILABLE' } }), []);
    assert.deepEqual(twin.reconcile({ slot: { state: 'END' } }), ['slot']);
  });

  it('has the hub forget what an older version of the module left', async () => {
    const twin = new ReportedTwin();
    const patches: JsonObject[] = [];
    twin.set('slot', { state: 'END' });
    twin.keepOnly(['slot', 'lease']);
    const held = { slot: { state: 'END' }, lease: { epoch: 1 }, cameras2: { x: 1 }, $version: 3 };
    twin.resume(held, async (patch) => void patches.push(patch), assert.fail);
    await settle();
    assert.deepEqual(patches, [{ slot: { state: 'END' }, cameras2: null }]);
    twin.keepOnly(['slot']);
    await settle();
    assert.deepEqual(patches[1], { lease: null });
    assert.deepEqual(twin.reconcile({ slot: { state: 'END' }, $version: 5 }), []);
  });

  it('cuts what does not fit into one patch', async () => {
    const twin = new ReportedTwin();
    const big = { text: Array.from({ length: 4 }, () => 'x'.repeat(4000)) };
    for (const name of ['a', 'b', 'c']) assert.equal(twin.set(name, big), undefined);
    const sizes: number[] = [];
    twin.resume({}, async (patch) => void sizes.push(Object.keys(patch).length), assert.fail);
    await settle();
    await twin.flush();
    await settle();
    assert.deepEqual(sizes, [1, 1, 1]);
    assert.match(twin.set('d', { 'bad name': 1 }) ?? '', /white space/);
  });
});
