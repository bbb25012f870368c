import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createLog } from '@edgeslot/edge-module/log';
import type { CardReport } from '../device/device.js';
import { scored } from '../doors.fixture.js';
import type { SlotState, SwapOutcome } from '../slot/slot-state.js';
import { Metrics } from './metrics.js';
import { createMetricsServer } from './metrics-server.js';
import { watchSlot } from './watch-slot.js';

const reply = scored({ input: { kind: 'images', images: [new Uint8Array(1)] }, deadline: 0 });

test('calls are counted by door, code and the model that answered', async () => {
  const metrics = new Metrics({ IOTEDGE_DEVICEID: 'dev', IOTEDGE_IOTHUBHOSTNAME: 'hub' });
  metrics.call({ door: 'grpc', code: 'OK', seconds: 0.02, reply });
  metrics.call({ door: 'http', code: 'QUEUE_FULL', seconds: 0.001 });
  const text = await metrics.registry.metrics();
  assert.match(
    text,
    /edgeslot_requests_total\{door="grpc",code="OK",model_name="belt-object",version="3",iothub="hub",edge_device="dev",instance_number="[0-9a-f-]{36}"\} 1/,
  );
  assert.match(text, /edgeslot_requests_total\{door="http",code="QUEUE_FULL",model_name="",version=""/);
  assert.match(text, /edgeslot_stage_duration_seconds_sum\{[^}]*stage="featurize"[^}]*\} 0\.004/);
  assert.match(text, /nodejs_eventloop_lag_seconds/);
});

test('lanes are those that the device has when the metrics are read', async () => {
  const metrics = new Metrics();
  let lanes = 1;
  metrics.device(() => ({ kind: 'emulator', lanes, threadsPerLane: 2 }));
  lanes = 3;
  const text = await metrics.registry.metrics();
  assert.match(text, /edgeslot_device_lanes\{[^}]*\} 3/);
  assert.match(text, /edgeslot_device_lane_threads\{[^}]*\} 2/);
  assert.match(text, /edgeslot_device_info\{kind="emulator"[^}]*\} 1/);
});

test('cards are told of whether they are in use or not; what one does not say is left out', async () => {
  const metrics = new Metrics();
  const card = { path: '/dev/catapult0', identity: {}, failures: 2, resets: 1, staleAnswers: 0 };
  let cards: CardReport[] = [{ ...card, temperature: 47 }];
  metrics.cards(() => cards);
  assert.match(
    await metrics.registry.metrics(),
    /edgeslot_card_temperature_celsius\{path="\/dev\/catapult0"[^}]*\} 47/,
  );
  cards = [card];
  const text = await metrics.registry.metrics();
  assert.doesNotMatch(text, /celsius\{/);
  assert.match(text, /edgeslot_card_failures\{[^}]*\} 2/);
  assert.match(text, /edgeslot_card_resets\{[^}]*\} 1/);
});

test('/metrics is served, and nothing else', async () => {
  const server = createMetricsServer(new Metrics().registry).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const response = await fetch(`${base}/metrics?x=1`);
  assert.match(response.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/);
  assert.match(await response.text(), /# TYPE edgeslot_requests_total counter/);
  assert.equal((await fetch(base)).status, 404);
  assert.equal((await fetch(`${base}/metrics`, { method: 'POST' })).status, 405);
  server.closeAllConnections();
  server.close();
});

test('the slot’s states and the ends of wishes are told, each once', async () => {
  const lines: string[] = [];
  const metrics = new Metrics();
  let ended: (outcome: SwapOutcome) => void = () => {};
  let listener: (state: SlotState) => void = () => {};
  const state: SlotState = { state: 'START', since: '' };
  const onState = (next: typeof listener) => {
    listener = next;
    return () => {};
  };
  const onOutcome = (next: typeof ended) => {
    ended = next;
    return () => {};
  };
  const slot = { state, onState, onOutcome };
  watchSlot(slot, metrics, createLog({ write: (line) => lines.push(line) }));
  const error = { code: 'PACKAGE_DIGEST', text: 'was altered', model: 'a:2' };
  const outcome = { to: 'a:1', requestedBy: 'start', result: 'loaded', durations: { load: 12.4 }, at: '' } as const;
  const memory = { mode: 'preserve', text: 'no room' } as const;
  for (const id of [1, 2]) {
    ended({ ...outcome, id, ...(id === 2 && { memory }) });
    listener({ state: 'AVAILABLE', model: { name: 'a', version: 1 }, since: '', error });
  }
  const text = await metrics.registry.metrics();
  assert.match(text, /edgeslot_slot_state\{state="AVAILABLE",[^}]*\} 1/);
  assert.match(text, /edgeslot_slot_state\{state="START",[^}]*\} 0/);
  assert.match(text, /edgeslot_model_info\{model_name="a",version="1",[^}]*\} 1/);
  assert.match(text, /edgeslot_swaps_total\{result="loaded",[^}]*\} 2/);
  assert.equal(lines.filter((line) => /ERR.*slot: PACKAGE_DIGEST: was altered/.test(line)).length, 1);
  assert.equal(lines.filter((line) => /model a:1 \(asked for by start\): loaded; load 12 ms/.test(line)).length, 2);
  assert.equal(lines.filter((line) => /load 12 ms; the old model went first: no room/.test(line)).length, 1);
});
