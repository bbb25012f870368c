import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RuntimeStatus } from '@edgeslot/edge-runtime';
import { statusLines } from './status-table.js';
import { plain } from './style.js';

const MODULE = { name: 'scoring', image: 'edgeslot/scoring:1', runtimeStatus: 'running', restartCount: 0, ports: [] };
const STATUS = {
  runtime: {
    pid: 1,
    startedAt: 'now',
    gateway: 'hub',
    isolation: 'none',
    stateDir: 's',
    stateBytes: 0,
    upstreamFile: 'u',
  },
  deployment: { source: 'm.json', version: 1, status: { code: 200, description: '' } },
  modules: [MODULE],
} as unknown as RuntimeStatus;

const slotRow = (slot: Record<string, unknown>) =>
  statusLines(plain, STATUS, { scoring: { slot } }, (path) => path).find((line) => /^scoring +slot/.test(line));

test('status tells the model of the slot and its numbers, as far as the module reports them', () => {
  const slot = { state: 'AVAILABLE', model: 'belt-object:2' };
  assert.match(slotRow({ ...slot, numerics: 'int8' })!, /belt-object:2 AVAILABLE, int8$/);
  assert.match(slotRow(slot)!, /belt-object:2 AVAILABLE$/);
  assert.match(slotRow({ state: 'END', numerics: 7 })!, /no model END$/);
});

test('status tells the lanes of the device, when the module reports them', () => {
  const deviceRow = (device: Record<string, unknown>) =>
    statusLines(plain, STATUS, { scoring: { device } }, (path) => path).find((line) => /^scoring +device/.test(line));
  const device = { kind: 'emulator', reason: 'no card', lanes: 1, threadsPerLane: 2 };
  assert.match(deviceRow(device)!, /emulator, 1 lane of 2 threads, because no card$/);
  assert.match(deviceRow({ kind: 'emulator' })!, /emulator$/);
});

test('status tells the last swap and the lease', () => {
  const lines = (scoring: Record<string, unknown>) =>
    statusLines(plain, STATUS, { scoring }, (path) => path).join('\n');
  const swap = { to: 'b:1', from: 'a:1', requestedBy: 'twin', result: 'loaded', at: '2026-01-02', durations: {} };
  const slot = { state: 'AVAILABLE', model: 'b:1', history: [swap] };
  assert.match(lines({ slot }), /^scoring +swap +a:1 -> b:1, asked for by twin, at 2026-01-02$/m);
  assert.doesNotMatch(lines({ slot: { ...slot, history: [{ ...swap, result: 'unchanged' }] } }), /^scoring +swap/m);
  const lease = { state: 'busy', text: 'the lease of emulator is held by module b' };
  assert.match(lines({ slot, lease }), /^scoring +lease +the lease of emulator is held by module b$/m);
});
