import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EdgeModule } from '@edgeslot/edge-module';
import { Registry } from 'prom-client';
import { addHubMetrics } from './hub-metrics.js';

test('the connection and the messages are read when the metrics are', async () => {
  const registry = new Registry();
  const counters = { queued: 3, sent: 7, dropped: 1, refused: 0, connections: 2, reportsRefused: 0 };
  const module: { connected: boolean; counters: EdgeModule['counters'] } = { connected: false, counters };
  addHubMetrics(registry, module);
  const before = await registry.metrics();
  for (const line of [
    'edgeslot_hub_connected 0',
    'edgeslot_hub_connections_total 2',
    'edgeslot_telemetry_queued 3',
    'edgeslot_telemetry_messages_total{result="sent"} 7',
    'edgeslot_telemetry_messages_total{result="dropped"} 1',
    'edgeslot_telemetry_messages_total{result="refused"} 0',
  ])
    assert.ok(before.split('\n').includes(line), `${line}\n${before}`);
  module.connected = true;
  module.counters = { ...counters, sent: 10, queued: 0 };
  const after = await registry.metrics();
  assert.match(after, /^edgeslot_hub_connected 1$/m);
  assert.match(after, /^edgeslot_telemetry_messages_total\{result="sent"\} 10$/m);
});
