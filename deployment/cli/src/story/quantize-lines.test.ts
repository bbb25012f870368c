import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantizeLines } from './quantize-lines.js';
import { plain } from './style.js';

type Made = Parameters<typeof quantizeLines>[1];

const MADE: Made = {
  manifest: { tags: {} },
  before: {
    id: 'net:1',
    numerics: 'float32',
    bytes: 94e6,
    loadMs: 300,
    latency: [{ threads: 1, p50Ms: 50, pictures: 25 }],
  },
  after: {
    id: 'net:2',
    numerics: 'int8',
    bytes: 23.5e6,
    loadMs: 310,
    latency: [{ threads: 1, p50Ms: 20, pictures: 25 }],
  },
  compared: {
    pictures: 40,
    failed: [],
    report: {
      answers: 40,
      agreement: 0.975,
      difference: { mean: 0.002, largest: 0.3, file: 'a.jpg' },
      margin: { median: 0.9, least: 0.01 },
      classes: [{ label: 'ant', count: 40, agreed: 39 }],
      confusion: [{ a: 'ant', b: 'bee', count: 1 }],
    },
  },
  calibratedOn: 80,
  skipped: [],
  duplicates: 2,
  quantizer: { operators: {}, onnxruntime: '1', onnx: '1' },
};

function withReport(report: Partial<Made['compared']['report']>, pictures = 40): Made {
  return { ...MADE, compared: { ...MADE.compared, pictures, report: { ...MADE.compared.report, ...report } } };
}

test('size, load and latency stand side by side, and what got worse is not called better', () => {
  const lines = quantizeLines(plain, MADE);
  assert.equal(lines[0], 'Calibrated on 80 pictures, measured on 40 others, 2 copies left out');
  assert.deepEqual(lines.slice(-4), [
    '                        float32        int8',
    'size                      94 MB       24 MB  4.00 times smaller',
    'load                   300.0 ms    310.0 ms  not sooner',
    'a picture, 1 thread     50.0 ms     20.0 ms  2.50 times faster',
  ]);
  assert.ok(lines.some((line) => /Top-1 agreement +97\.5 %, 39 of 40 pictures/.test(line)));
});

test('how many agree is told where there are too many classes to list', () => {
  const classes = Array.from({ length: 40 }, (_, i) => ({ label: `c${i}`, count: 1, agreed: i === 0 ? 0 : 1 }));
  const lines = quantizeLines(plain, withReport({ classes }));
  assert.ok(lines.some((line) => /Top-1 agreement +97\.5 %, 39 of 40 pictures/.test(line)));
  assert.ok(!lines.some((line) => line.includes('By class of A')));
});

test('few pictures, many changed answers, and a model that prefers nothing are said', () => {
  assert.match(quantizeLines(plain, withReport({}, 12)).at(-1)!, /^Only 12 pictures were there to measure with/);
  assert.match(
    quantizeLines(plain, withReport({ agreement: 0.8, classes: [{ label: 'ant', count: 40, agreed: 32 }] })).at(-1)!,
    /^8 of 40 answers changed: try more pictures/,
  );
  const unsure = withReport({ agreement: 0.8, margin: { median: 0.0005, least: 0 } });
  assert.match(quantizeLines(plain, unsure).at(-1)!, /hardly prefers its best class/);
  const seeded = { ...withReport({ agreement: 0.8 }), manifest: { tags: { trained: 'false' } } };
  assert.match(quantizeLines(plain, seeded).at(-1)!, /as untrained weights do/);
});

test('of many classes only the most frequent confusions are shown, and where the rest is', () => {
  const confusion = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((b) => ({ a: 'ant', b, count: 1 }));
  const lines = quantizeLines(plain, withReport({ confusion }));
  assert.equal(lines.filter((line) => /^ +ant +[a-g] +1$/.test(line)).length, 5);
  assert.equal(lines.at(-1), 'All classes and confusions: edgeslot model compare net:1 net:2 --images DIR');
});
