import type { EdgeModule } from '@edgeslot/edge-module';
import { Counter, Gauge, type Registry } from 'prom-client';

/** Ways in which messages end. */
const ENDS = ['sent', 'dropped', 'refused'] as const;

/** The connection to edgeHub and the messages on their way to it, read when the metrics are. */
export function addHubMetrics(registry: Registry, module: Pick<EdgeModule, 'connected' | 'counters'>): void {
  const registers = [registry];
  new Gauge({
    name: 'edgeslot_hub_connected',
    help: 'Whether edgeHub is connected, and the twin known.',
    registers,
    collect() {
      this.set(module.connected ? 1 : 0);
    },
  });
  new Counter({
    name: 'edgeslot_hub_connections_total',
    help: 'Connections to edgeHub that came as far as a twin.',
    registers,
    collect() {
      this.reset();
      this.inc(module.counters.connections);
    },
  });
  new Gauge({
    name: 'edgeslot_telemetry_queued',
    help: 'Messages that wait for edgeHub, in memory or on disk.',
    registers,
    collect() {
      this.set(module.counters.queued);
    },
  });
  new Counter({
    name: 'edgeslot_telemetry_messages_total',
    help: 'Messages by what became of them.',
    labelNames: ['result'],
    registers,
    collect() {
      this.reset();
      for (const result of ENDS) this.inc({ result }, module.counters[result]);
    },
  });
}
