import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readPatchAnswer } from './twin-answer.js';

const section = (version: number, code: number, text = 'x') => ({ version, code, text });

it('waits for the sections that were patched, at that version', () => {
  const reported = { telemetry: section(4, 400), model: section(3, 200), slot: { state: 'AVAILABLE' } };
  assert.equal(readPatchAnswer(reported, 4, ['model']).state, 'pending');
  assert.equal(readPatchAnswer({ ...reported, model: section(4, 200) }, 4, ['model']).state, 'applied');
  assert.equal(readPatchAnswer({}, 4, ['model']).state, 'pending');
});

it('tells a refusal with its section, code and text', () => {
  assert.deepEqual(readPatchAnswer({ telemetry: section(5, 400, 'no') }, 5, ['telemetry']), {
    state: 'refused',
    texts: ['telemetry 400: no'],
  });
  const named = { model: { name: 'belt-object', ...section(5, 404, 'not there') } };
  assert.deepEqual(readPatchAnswer(named, 5, ['model']).texts, ['model 404: not there']);
  assert.deepEqual(readPatchAnswer({ config: section(6, 400, 'rate') }, 5, ['rate']).texts, ['config 400: rate']);
});

it('tells what is still to come, and keys that no section answers to', () => {
  assert.deepEqual(readPatchAnswer({ model: section(2, 202, 'loading b') }, 2, ['model']), {
    state: 'pending',
    texts: ['model 202: loading b'],
  });
  assert.equal(readPatchAnswer({ model: section(2, 200) }, 2, ['foo']).state, 'unknown');
  const both = { model: section(2, 200), twin: section(2, 400, 'foo is no section') };
  assert.deepEqual(readPatchAnswer(both, 2, ['model', 'foo']).texts, ['twin 400: foo is no section']);
  assert.equal(readPatchAnswer(both, 2, ['model']).state, 'applied');
});
