import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { numberOf, parseJson } from './parse-json.js';

const parse = (text: string) => parseJson(Buffer.from(text));

test('all that JSON writes is read as it was', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.deepEqual(parse(text), JSON.parse(text));
    }),
  );
});

test('NaN and the infinities are numbers, and inside strings they are text', () => {
  const strings = fc.constantFrom('NaN', 'a "NaN\\" b', '\\', '-Infinity\\\\"', '{"b64": "Infinity"}');
  const numbers = fc.constantFrom('NaN', 'Infinity', '-Infinity', '1.5', '-2e3');
  fc.assert(
    fc.property(fc.array(fc.tuple(strings, numbers), { minLength: 1 }), (pairs) => {
      const text = `[${pairs.map(([string, number]) => `${JSON.stringify(string)}, ${number}`).join(' ,')}]`;
      const values = parse(text) as unknown[];
      assert.equal(values.length, pairs.length * 2);
      for (const [index, [string, number]] of pairs.entries()) {
        assert.equal(values[2 * index], string);
        assert.equal(numberOf(values[2 * index + 1]), Number(number));
      }
    }),
  );
});

test('what is no JSON is refused with its place', () => {
  const long = `{"instances": [${'1, '.repeat(200)}`;
  const cases: readonly [string, RegExp][] = [
    ['', /^JSON Parse error: Unexpected end of JSON input at offset: 0$/],
    [`${long}`, new RegExp(`at offset: ${long.length}$`)],
    [`${long}}]}`, /^JSON Parse error: Unexpected token/],
    ['{"instances": [1, }', /^JSON Parse error: Unexpected token/],
    ['[NaN, nan]', /^JSON Parse error: Unexpected token/],
    ['"open', /^JSON Parse error: Unterminated string/],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => parse(text),
      (error: Error & { code: string }) => {
        assert.equal(error.code, 'REST_JSON');
        assert.match(error.message, message);
        assert.ok(error.message.length < 100, error.message);
        return true;
      },
    );
  }
});
