import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noLocks } from '../../lease/lease.fixture.js';
import { leaseChaos } from './chaos.js';
import { findings, type Use } from './witness.js';

test('modules that are killed, stopped and closed while they share a device: never two use it, one serves in the end', {
  skip: noLocks,
  timeout: 60_000,
}, async (t) => {
  const report = await leaseChaos({ seed: 7, kills: 5, burst: 6 });
  t.diagnostic(JSON.stringify({ ...report, convergedMs: report.convergedMs.map(Math.round) }));
  assert.deepEqual(report.findings, []);
  assert.deepEqual(report.left, []);
  assert.ok(report.kills.holder + report.kills.other >= 5);
});

test('the witness finds two users, an epoch that comes again, and a use that never ended', () => {
  const use = (what: Use['what'], pid: number, epoch: number): Use => ({ what, pid, epoch });
  const right = [use('begin', 1, 1), use('end', 1, 1), use('begin', 1, 1), use('begin', 2, 2), use('end', 2, 2)];
  assert.deepEqual(findings(right, new Set([1])), []);
  assert.equal(findings(right, new Set()).length, 1);
  assert.equal(
    findings([use('begin', 1, 1), use('end', 1, 1), use('begin', 2, 1), use('end', 2, 1)], new Set()).length,
    1,
  );
  assert.equal(findings([use('begin', 1, 1)], new Set()).length, 1);
  assert.equal(findings([use('end', 1, 1)], new Set()).length, 1);
  assert.equal(findings([use('VIOLATION', 1, 1)], new Set([1])).length, 1);
});
