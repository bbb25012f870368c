import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RuntimeEvent } from '@edgeslot/edge-runtime';
import { RunView } from '../story/run-view.js';
import { hopelessFailure } from './hopeless-failure.js';

const TIME = '2026-01-02T03:04:05.000Z';

describe('hopelessFailure', () => {
  it('tells who has a port and what to do', () => {
    const text = 'port 50051 cannot be published: 127.0.0.1:50051 is taken by pid 7 (x) (next try in 10 s)';
    const event: RuntimeEvent = { time: TIME, type: 'module', module: 'scoring', event: 'failed', text };
    assert.equal(
      hopelessFailure(event, new RunView(() => 0)),
      'scoring: port 50051 cannot be published: 127.0.0.1:50051 is taken by pid 7 (x); stop that process, or start with --host auto',
    );
  });

  it('does not blame a process for an address that this machine does not have', () => {
    const text = '10.9.9.9 is not an address of this machine, so port 8080 cannot be published there';
    const event: RuntimeEvent = { time: TIME, type: 'module', module: 'scoring', event: 'failed', text };
    assert.equal(
      hopelessFailure(event, new RunView(() => 0)),
      `scoring: ${text}; name one of its addresses with --host, or \`auto\``,
    );
  });

  it('gives up when the slot ended with an error, and not when it ended without one', () => {
    const view = new RunView(() => 0);
    const report = (slot: unknown): string | undefined => {
      const event: RuntimeEvent = {
        time: TIME,
        type: 'twin',
        module: 'scoring',
        section: 'reported',
        patch: { slot },
        version: 1,
      };
      view.take(event);
      return hopelessFailure(event, view);
    };
    assert.equal(report({ state: 'END' }), undefined);
    assert.match(report({ error: { code: 'MODEL_NOT_FOUND', text: 'no x' } })!, /^scoring: .*: MODEL_NOT_FOUND: no x$/);
  });

  it('has hope when a module ends and is started again', () => {
    const event: RuntimeEvent = {
      time: TIME,
      type: 'module',
      module: 'scoring',
      event: 'backoff',
      text: 'exit code 1',
    };
    assert.equal(hopelessFailure(event, new RunView(() => 0)), undefined);
  });
});
