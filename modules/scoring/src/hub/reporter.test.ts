import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '@edgeslot/edge-module';
import { createLog } from '@edgeslot/edge-module/log';
import { findReportedFault } from '@edgeslot/edge-module/twin';
import fc from 'fast-check';
import type { DeviceSelection } from '../device/device.js';
import { listErrors } from '../errors.js';
import { reportLease } from '../lease/report-lease.js';
import type { Package } from '../model/package.js';
import type { SlotState, SwapOutcome } from '../slot/slot-state.js';
import { fitSection } from './fit-section.js';
import { clip, sizeOf } from './report-texts.js';
import { reportDevice, reportServing, reportSlot } from './reported-state.js';
import { type ReportedName, Reporter, SECTION_BYTES } from './reporter.js';

const NAMES = Object.keys(SECTION_BYTES) as readonly ReportedName[];

/** A module that holds what is reported, as the hub does. */
function reporter() {
  const held: Record<string, JsonObject | null> = {};
  const lines: string[] = [];
  let reports = 0;
  const module = {
    report: (name: string, section: JsonObject | null) => {
      assert.equal(findReportedFault({ [name]: section }), undefined);
      held[name] = section;
      reports++;
    },
  };
  const log = createLog({ write: (line) => lines.push(line) });
  return { held, lines, reporter: new Reporter(module, log), reports: () => reports };
}

/** The longest that anything of the module may be; every character takes six bytes of JSON. */
const long = '\u0001'.repeat(9000);
const longId = { name: 'x'.repeat(128), version: 999_999_999 };
const longName = `${longId.name}:${longId.version}`;
const at = new Date(8_640_000_000_000_000).toISOString();

const outcome: SwapOutcome = {
  id: Number.MAX_SAFE_INTEGER,
  from: longName,
  to: longName,
  requestedBy: long,
  result: 'superseded',
  error: { code: 'INTERNAL', text: long },
  memory: { mode: 'preserve', text: long },
  durations: { verify: 1e9, prepare: 1e9, drain: 1e9, unload: 1e9, load: 1e9, warmup: 1e9, blackout: Number.NaN },
  at,
};
const state: SlotState = {
  state: 'UNLOADING',
  model: longId,
  error: { code: 'INTERNAL', text: long, model: longName },
  since: at,
};
const manifest = {
  numerics: 'ms-fp',
  numericsDetail: { format: 'ms-fp11', exponentBits: 5, mantissaBits: 5, block: 128, activations: true },
};
const current = { id: longId, manifest } as unknown as Package;

/** Everything at its longest, by the functions that make it. */
function longest(): Record<ReportedName, JsonObject> {
  const status = { version: Number.MAX_SAFE_INTEGER, code: 400, text: long };
  const rejected = Array.from({ length: 20 }, () => ({ kind: 'catapult', path: long, reason: long }));
  const cards = Array.from({ length: 20 }, () => ({
    path: long,
    identity: { driver: long, shell: long, role: long, board: long, chip: long },
    health: { ok: false, text: long },
    temperature: Number.NaN,
    failures: Number.MAX_SAFE_INTEGER,
    resets: 1,
    staleAnswers: 1,
  }));
  const info = { kind: 'virtual-card', description: long, lanes: 64, threadsPerLane: 64 };
  const failed = Object.fromEntries(listErrors().map(({ code }) => [code, Number.MAX_SAFE_INTEGER]));
  return {
    slot: reportSlot({ state, history: Array.from({ length: 20 }, () => outcome), current, lastGood: longId }),
    device: {
      ...reportDevice({ device: { info }, reason: long, rejected, since: at, cards } as unknown as DeviceSelection),
      ...status,
      choice: long,
    },
    counters: { received: 2 ** 60, failed, hub: { sent: 2 ** 60, text: long } },
    model: { name: longName, ...status, ...reportServing(current) },
    lease: reportLease({
      device: 'catapult0',
      state: 'handed-over',
      epoch: 2 ** 32 - 1,
      holder: { module: long, pid: 4_194_304, since: at, model: longName },
      text: long,
    }),
    swap: { ...status, memory: long },
    scoring: { ...status, decode: long },
    cameras: { ...status },
    telemetry: { ...status },
    module: { version: long, node: long, platform: long, startedAt: at },
    twin: { ...status },
  };
}

describe('what is reported', () => {
  it('is under 32 KB in all with the longest values, and every section is what a hub takes', () => {
    const { held, reporter: under } = reporter();
    for (const [name, section] of Object.entries(longest())) under.report(name as ReportedName, section);
    assert.deepEqual(Object.keys(held).sort(), [...NAMES].sort());
    assert.ok(sizeOf(held) < 32 * 1024, `${sizeOf(held)} bytes`);
    const { history } = held.slot as { history: JsonObject[] };
    assert.equal(history.length, 10);
    assert.equal(history[0]!.to, longName);
    const { kind, cards } = held.device as { kind: string; cards: unknown[] };
    assert.deepEqual([kind, cards.length], ['virtual-card', 4]);
    assert.equal('blackout' in (history[0]!.durations as JsonObject), false);
  });

  it('fits whatever it is given', () => {
    const leaf = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 600 }),
      fc.double(),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constantFrom(null, undefined, long, '\ud800', '💡'.repeat(400)),
    );
    const name = fc.string({ maxLength: 60 });
    const { node } = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie('node'), { maxLength: 4 }),
        fc.dictionary(name, tie('node'), { maxKeys: 4 }),
      ),
    }));
    const deep = fc.tuple(fc.nat(20), node).map(([depth, end]) => {
      let value = end;
      for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { level, value };
      return value;
    });
    fc.assert(
      fc.property(fc.dictionary(name, deep, { maxKeys: 6 }), fc.integer({ min: 200, max: 3000 }), (one, bytes) => {
        const fitted = fitSection(one, bytes);
        assert.ok(sizeOf(fitted) <= bytes);
        assert.equal(findReportedFault({ section: fitted }), undefined);
      }),
      { numRuns: 25 },
    );
  });

  it('leaves alone what is short, and drops the oldest of a list first', () => {
    const short = { state: 'AVAILABLE', list: [{ id: 1 }, { id: 2 }], nested: { text: 'é' } };
    assert.deepEqual(fitSection(short, 200), short);
    const entries = Array.from({ length: 50 }, (_, id) => ({ id, text: 'x'.repeat(40) }));
    const { history } = fitSection({ state: 'END', history: entries }, 1000) as { history: { id: number }[] };
    assert.equal(history.at(-1)?.id, 49);
    assert.ok(history.length > 10 && history.length < 50);
  });

  it('cuts a text at a whole character', () => {
    assert.equal(clip('short'), 'short');
    assert.equal(clip('💡💡💡💡💡💡💡💡', 15), '💡💡💡…');
    assert.equal(clip('"""""""""""""""""', 13), '"""""…');
  });

  it('is told when it changes, and to the log when it is no 200', () => {
    const { reporter: under, lines, reports } = reporter();
    for (let round = 0; round < 3; round++) under.report('cameras', { version: 1, code: 400, text: 'bad' });
    assert.equal(reports(), 1);
    under.report('cameras', { version: 2, code: 202, text: 'soon' });
    under.report('cameras', { version: 2, code: 200, text: 'applied' });
    assert.equal(reports(), 3);
    assert.deepEqual(
      lines.map((line) => line.replace(/^(<\d>).*- /, '$1 ').trim()),
      ['<4> twin: cameras: 400 bad', '<6> twin: cameras: 202 soon'],
    );
  });
});
