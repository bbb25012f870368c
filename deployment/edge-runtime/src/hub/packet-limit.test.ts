import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { generate } from 'mqtt-packet';
import { PacketLimit } from './packet-limit.js';

const publish = (size: number): Buffer =>
  generate({ cmd: 'publish', topic: 't', payload: Buffer.alloc(size), qos: 0, dup: false, retain: false });

describe('packet limit', () => {
  it('is the same however the bytes are cut', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 20 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 50 }), (payloads, step) => {
        const limit = new PacketLimit(300);
        const bytes = Buffer.concat(payloads.map(publish));
        let refused: number | undefined;
        for (let at = 0; at < bytes.length && refused === undefined; at += step) {
          refused = limit.refuse(bytes.subarray(at, at + step));
        }
        // Topic and its length take three bytes of the packet.
        assert.equal(
          refused,
          payloads.map((size) => size + 3).find((length) => length > 300),
        );
      }),
    );
  });

  it('refuses a length that never ends', () => {
    assert.equal(new PacketLimit(300).refuse(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff])), Number.POSITIVE_INFINITY);
  });
});
