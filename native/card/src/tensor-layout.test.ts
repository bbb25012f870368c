import assert from 'node:assert/strict';
import { test } from 'node:test';
import { floatToHalf, halfToFloat } from './half.js';
import { storedChannels, toCardOutput, withoutBorder } from './tensor-layout.js';

test('a border is cut off on all four sides', () => {
  const halves = Uint16Array.from({ length: 4 * 5 * 2 }, (_, at) => floatToHalf(at));
  const inner = new Float32Array(2 * 3 * 2);
  withoutBorder(halves, { rows: 4, columns: 5, channels: 2 }, 1, inner);
  assert.deepEqual([...inner], [12, 13, 14, 15, 16, 17, 22, 23, 24, 25, 26, 27]);
});

test('an output is the same whichever way the graph gives it, and interleaved in blocks of 128 channels', () => {
  const shape = { rows: 2, columns: 3, channels: 130 };
  const value = (place: number, channel: number) => place * 130 + channel;
  const last = Float32Array.from({ length: 6 * 130 }, (_, at) => value(Math.floor(at / 130), at % 130));
  const first = Float32Array.from({ length: 6 * 130 }, (_, at) => value(at % 6, Math.floor(at / 6)));
  for (const [values, channelsFirst] of [
    [last, false],
    [first, true],
  ] as const) {
    const plain = new Uint16Array(6 * storedChannels(130, false));
    toCardOutput(values, shape, channelsFirst, false, plain);
    assert.deepEqual([...plain].map(halfToFloat), [...last]);

    assert.equal(storedChannels(130, true), 256);
    const blocks = new Uint16Array(6 * 256).fill(0xffff);
    toCardOutput(values, shape, channelsFirst, true, blocks);
    const at = (place: number, channel: number) => {
      const block = Math.floor(channel / 128);
      return halfToFloat(blocks[block * 6 * 128 + place * 128 + (channel % 128)]!);
    };
    for (let place = 0; place < 6; place++) {
      for (let channel = 0; channel < 256; channel++)
        assert.equal(at(place, channel), channel < 130 ? value(place, channel) : 0);
    }
  }
});
