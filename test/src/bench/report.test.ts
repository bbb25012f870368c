import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ratioFigure, timeFigure } from './figures.js';
import { hasVnni } from './machine.js';
import { readOptions } from './options.js';
import { busyTicks, othersShare } from './other-load.js';
import { type BenchReport, reportJson, reportLines } from './report.js';
import { verdictOf } from './row.js';

const comparison = { rounds: { a: [2, 30, 4], b: [1, 10, 1] }, bursts: 6, repeated: 2, disturbed: 1 };
const asked = { what: 'a / b', note: 'one thread' };

test('a figure is the median of the rounds, and passes or is short of its goal', () => {
  const figure = ratioFigure(comparison, 'a', 'b', { ...asked, goal: { atMost: 3 } });
  assert.deepEqual([figure.value, figure.spread, figure.rounds], [3, [2.5, 3.5], 3]);
  assert.match(figure.note, /^a 4\.00 ms, b 1\.00 ms; one thread$/);
  assert.equal(verdictOf(figure), 'pass');
  assert.equal(verdictOf({ ...figure, goal: { atMost: 2.99 } }), 'short');
  assert.equal(verdictOf({ ...figure, goal: { atLeast: 3 } }), 'pass');
  assert.equal(verdictOf({ ...figure, goal: { atLeast: 3.01 } }), 'short');
  assert.equal(verdictOf({ ...figure, notApplicable: 'no such unit' }), 'not applicable');
  assert.equal(verdictOf({ ...figure, value: Number.NaN }), 'short', 'nothing is no pass');
  assert.throws(() => timeFigure(comparison, 'c', { ...asked, goal: { atMost: 1 } }), /nothing was measured for c/);
});

test('the report names the machine, every figure, every row that was not measured, and why', () => {
  const goal = { atMost: 3 };
  const machine = { cpu: 'CPU', cores: 2, memoryGB: 8, system: 'linux', vnni: false, versions: { node: '22.1.0' } };
  const report: BenchReport = {
    date: '2026-01-01T00:00:00Z',
    machine,
    rounds: 3,
    tookMs: 5000,
    rows: [
      { name: 'one', result: { figures: [ratioFigure(comparison, 'a', 'b', { ...asked, goal })] } },
      {
        name: 'two',
        result: { figures: [timeFigure(comparison, 'a', { ...asked, goal, notApplicable: 'no such unit' })] },
      },
      { name: 'three', result: { notMeasured: 'there is no Python' } },
    ],
  };
  const text = reportLines(report).join('\n');
  assert.match(text, /^CPU, 2 cores, 8 GB, no VNNI, linux\nnode 22\.1\.0; 3 interleaved rounds, 5 s, 2026-01-01/);
  assert.match(text, /^one +a \/ b +<= 3 × +3\.00 × +2\.50 to 3\.50 × +pass$/m);
  assert.match(text, /^two +a \/ b +<= 3 ms +4\.00 ms +3\.00 to 17\.00 ms +not applicable$/m);
  assert.match(text, /^three: not measured: there is no Python$/m);
  assert.match(text, /6 bursts, 2 run again, 1 of them disturbed by other processes all the same/);
  assert.match(text, /goal not applicable here: no such unit$/m);
  assert.doesNotMatch(text, /machine is quiet/);
  const noisy = ratioFigure({ ...comparison, disturbed: 3 }, 'a', 'b', { ...asked, goal });
  const loud = reportLines({ ...report, rows: [{ name: 'one', result: { figures: [noisy] } }] });
  assert.ok(loud.some((line) => line.startsWith('Other processes were busy during 50 % of the bursts')));
  const parsed = JSON.parse(reportJson(report)) as { rows: { name: string; figures?: { verdict: string }[] }[] };
  assert.deepEqual(
    parsed.rows.map(({ figures }) => figures?.[0]?.verdict),
    ['pass', 'not applicable', undefined],
  );
});

test('what other processes used is what all used less what is ours', () => {
  const before = { seconds: 10, all: 100, ours: 30 };
  assert.equal(othersShare(before, { seconds: 12, all: 103, ours: 32 }), 0.5);
  assert.equal(othersShare(before, { seconds: 12, all: 102, ours: 32.5 }), 0, 'counted in ticks, so never below 0');
  assert.equal(othersShare(before, before), 0);
  assert.equal(busyTicks('cpu  10 2 3 1000 50 4 5 6 7 8\ncpu0 1 1 1'), 10 + 2 + 3 + 4 + 5 + 6);
});

test('a processor has VNNI when its flags say so', () => {
  assert.equal(hasVnni('model name\t: avx512_vnni\nflags\t\t: fpu avx2\n'), false);
  assert.equal(hasVnni('flags\t\t: fpu avx512_vnni sse\n'), true);
  assert.equal(hasVnni('flags\t\t: avx_vnni\n'), true);
  assert.equal(hasVnni(''), false);
});

test('options say what they expected', () => {
  const rows = ['one', 'two'];
  assert.deepEqual(readOptions(['--only', 'two', '--rounds=5', '--json', 'f'], rows), {
    only: ['two'],
    rounds: 5,
    json: 'f',
    help: false,
  });
  assert.throws(() => readOptions(['--only', 'three'], rows), /--only three: expected one of one, two/);
  for (const rounds of ['2', 'x', '1.5', '1001']) {
    assert.throws(() => readOptions(['--rounds', rounds], rows), /whole number from 3 to 1000/);
  }
  assert.throws(() => readOptions(['--fast'], rows), /fast/);
});
