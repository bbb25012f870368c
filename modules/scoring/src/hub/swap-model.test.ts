import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatModelId, type ModelReference } from '../model/model-id.js';
import type { SlotState, SwapOutcome } from '../slot/slot-state.js';
import { swapModel } from './swap-model.js';

const since = '2026-01-02T03:04:05.678Z';

/** A slot that holds belt-object:1 and ends every wish as told, or never. */
function slotThat(ends?: Partial<SwapOutcome>) {
  const wishes: string[] = [];
  const state: SlotState = { state: 'AVAILABLE', model: { name: 'belt-object', version: 1 }, since };
  return {
    wishes,
    state,
    aspire: (reference: ModelReference, requestedBy: string) => {
      const to = formatModelId(reference);
      wishes.push(`${to} by ${requestedBy}`);
      if (!ends) return new Promise<SwapOutcome>(() => {});
      return Promise.resolve<SwapOutcome>({
        id: 7,
        to,
        requestedBy,
        result: 'loaded',
        durations: { load: 1.26 },
        at: since,
        ...ends,
      });
    },
  };
}

const messageOf = (payload: unknown) => (payload as { message: string }).message;

describe('the method swapModel', () => {
  it('wishes for the model and answers how that ended', async () => {
    const slot = slotThat({ from: 'belt-object:1', to: 'belt-colour:2' });
    const { status, payload } = await swapModel(slot, { model: 'belt-colour' });
    assert.equal(status, 200);
    assert.deepEqual(payload, {
      id: 7,
      from: 'belt-object:1',
      to: 'belt-colour:2',
      requestedBy: 'method',
      result: 'loaded',
      at: since,
      durations: { load: 1.3 },
      slot: { state: 'AVAILABLE', model: 'belt-object:1' },
    });
    assert.deepEqual(slot.wishes, ['belt-colour by method']);
  });

  it('answers 202 once the caller has waited long enough, and lets the wish go on', async () => {
    const slot = slotThat();
    const { status, payload } = await swapModel(slot, { model: 'belt-colour', waitMs: 0 });
    assert.equal(status, 202);
    assert.match(messageOf(payload), /^belt-colour is not held yet: the wish goes on$/);
    assert.deepEqual(slot.wishes, ['belt-colour by method']);
  });

  it('answers with the status of the failure, and what serves instead', async () => {
    const error = { code: 'MODEL_NOT_FOUND', text: 'it holds belt-object:1' };
    const { status, payload } = await swapModel(slotThat({ result: 'failed', error }), { model: 'nothing:3' });
    assert.equal(status, 404);
    assert.equal(messageOf(payload), 'nothing:3: MODEL_NOT_FOUND: it holds belt-object:1');
    assert.deepEqual((payload as { slot: object }).slot, { state: 'AVAILABLE', model: 'belt-object:1' });
    const superseded = await swapModel(slotThat({ result: 'superseded' }), { model: 'belt-colour' });
    assert.equal(superseded.status, 409);
    assert.match(messageOf(superseded.payload), /newer wish/);
  });

  it('refuses what is no wish, names the field and leaves the slot alone', async () => {
    const slot = slotThat({});
    for (const [bad, text] of [
      [null, /^payload: null; expected an object with model, waitMs$/],
      ['belt-colour', /^payload: "belt-colour"; expected an object/],
      [{}, /^payload\.model: is missing; expected a model id/],
      [{ model: 'a b' }, /^payload\.model: "a b"; expected a model id, name or name:version$/],
      [{ model: 'a:0' }, /^payload\.model: "a:0"/],
      [{ model: 'a', waitMs: -1 }, /^payload\.waitMs: -1; expected milliseconds from 0 to 290000$/],
      [{ model: 'a', wait: 5 }, /^payload\.wait: unknown; expected one of model, waitMs$/],
    ] as const) {
      const { status, payload } = await swapModel(slot, bad);
      assert.equal(status, 400);
      assert.match(messageOf(payload), text);
    }
    assert.deepEqual(slot.wishes, []);
  });
});
