import type { ServerResponse } from 'node:http';
import type { RuntimeEvent } from './control-api.js';

const MOST_BUFFERED_BYTES = 4 * 1024 * 1024;

/**
 * Writes events to listeners as NDJSON. A listener that does not read is bounded: past the limit events are left out for it,
 * and once it reads again a `dropped` line says how many.
 */
export class EventStreams {
  readonly #open = new Map<ServerResponse, { dropped: number }>();

  add(response: ServerResponse, first: RuntimeEvent): void {
    response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
    response.write(`${JSON.stringify(first)}\n`);
    this.#open.set(response, { dropped: 0 });
    response.on('error', () => {});
    response.once('close', () => this.#open.delete(response));
  }

  publish(event: RuntimeEvent): void {
    if (this.#open.size === 0) return;
    const line = `${JSON.stringify(event)}\n`;
    for (const [response, state] of this.#open) {
      if (response.writableLength > MOST_BUFFERED_BYTES) {
        state.dropped++;
        continue;
      }
      if (state.dropped > 0) {
        response.write(`${JSON.stringify({ type: 'dropped', time: event.time, count: state.dropped })}\n`);
        state.dropped = 0;
      }
      response.write(line);
    }
  }

  end(): void {
    for (const response of this.#open.keys()) response.end();
    this.#open.clear();
  }
}
