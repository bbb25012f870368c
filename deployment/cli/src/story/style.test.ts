import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { clock, formatBytes, formatMs, table, wrap } from './columns.js';
import { choosePaint, coloured, plain, truncate, visibleLength } from './style.js';

describe('colour', () => {
  it('is for terminals only, and NO_COLOR turns it off', () => {
    assert.equal(choosePaint({ isTTY: true }, {}), coloured);
    assert.equal(choosePaint({}, {}), plain);
    assert.equal(choosePaint({ isTTY: true }, { NO_COLOR: '1' }), plain);
    assert.equal(choosePaint({ isTTY: true }, { TERM: 'dumb' }), plain);
  });

  it('takes no column', () => {
    assert.equal(visibleLength(coloured('good', 'four')), 4);
  });
});

it('truncate never shows more than the columns there are', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('good', 'dim'), fc.string())),
      fc.integer({ min: 1, max: 60 }),
      (parts, columns) => {
        const text = parts.map(([tone, part]) => coloured(tone as 'good', part.replaceAll('\u001b', ''))).join('');
        assert.ok(visibleLength(truncate(text, columns)) <= columns);
      },
    ),
  );
});

it('wrap keeps every word in order', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/)), (words) => {
      const lines = wrap(words.join(' '), 20);
      assert.equal(lines.join(' '), words.join(' '));
      for (const line of lines) assert.ok(line.length <= 20);
    }),
  );
});

it('formats figures for people', () => {
  assert.deepEqual([0, 812_400, 104_000_000, 2_140_000_000].map(formatBytes), ['0 B', '812 kB', '104 MB', '2.1 GB']);
  assert.deepEqual([0.4, 43.1, 12_345].map(formatMs), ['0 ms', '43 ms', '12.3 s']);
  assert.match(clock(new Date(2026, 0, 2, 3, 4, 5)), /^03:04:05$/);
});

it('aligns tables and leaves no blanks at the ends', () => {
  assert.deepEqual(
    table([
      ['a', 'long', ''],
      ['bbb', 'x', 'z'],
    ]),
    ['a    long', 'bbb  x     z'],
  );
});
