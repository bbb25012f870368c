import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RoutableMessage } from './message.js';
import { compileRoutes, RouteSetError } from './router.js';
import { tokenize } from './tokens.js';

const MESSAGE: RoutableMessage = {
  moduleId: 'camera',
  output: 'Frames',
  properties: { topic: 'x', Kind: 'raw', count: '5', 'a-b': 'dash', $own: 'user', 'kind!': 'bang' },
  systemProperties: {
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    messageId: 'm1',
    cid: 'c',
    own: 'sys',
  },
  body: Buffer.from(
    JSON.stringify({
      temp: 21.5,
      ok: true,
      off: false,
      name: 'belt',
      list: [{ v: 3 }],
      nested: { a: 'b' },
      at: '2026-01-02T03:04:05Z',
    }),
  ),
};

function passes(condition: string, message = MESSAGE): boolean {
  return compileRoutes({ r: `FROM /messages/* WHERE ${condition} INTO $upstream` }).route(message).length === 1;
}

function refusal(route: unknown): { column?: number; message: string } {
  try {
    compileRoutes({ r: route });
  } catch (error) {
    assert.ok(error instanceof RouteSetError);
    return error.findings[0] as { column?: number; message: string };
  }
  throw new assert.AssertionError({ message: `compiled: ${JSON.stringify(route)}` });
}

describe('sources and sinks', () => {
  const table: [string, boolean][] = [
    ['/*', true],
    ['/messages/*', true],
    ['/messages', true],
    ['/messages/modules/*', true],
    ['/messages/modules/camera/*', true],
    ['/messages/modules/CAMERA/outputs/*', true],
    ['/messages/modules/camera/outputs/frames', true],
    ['/messages/modules/camera/outputs/frame', false],
    ['/messages/modules/cam/*', false],
    ['/messages/modules/scoring/*', false],
    // A star inside is literal: the test is by prefix.
    ['/messages/modules/*/outputs/*', false],
    ['/twinChangeNotifications', false],
  ];
  for (const [source, matches] of table) {
    it(`${source} ${matches ? 'matches' : 'does not match'}`, () => {
      assert.equal(compileRoutes({ r: `from ${source} into $upstream` }).route(MESSAGE).length, matches ? 1 : 0);
    });
  }

  it('a message without output matches the module, not its outputs', () => {
    const { output: _output, ...plain } = MESSAGE;
    assert.equal(compileRoutes({ r: 'FROM /messages/modules/camera/* INTO $upstream' }).route(plain).length, 1);
    assert.equal(compileRoutes({ r: 'FROM /messages/modules/camera/outputs/* INTO $upstream' }).route(plain).length, 0);
  });

  it('reads both endpoint forms, however the slashes stand', () => {
    for (const endpoint of ['"/modules/scoring/inputs/in1"', "'modules/scoring/inputs/in1/'", '"/a/scoring/b/in1"']) {
      assert.deepEqual(
        compileRoutes({ r: `SELECT * FROM /* INTO brokeredENDPOINT(${endpoint}) and more` }).route(MESSAGE),
        [{ kind: 'module', moduleId: 'scoring', input: 'in1' }],
      );
    }
    assert.deepEqual(compileRoutes({ r: 'FROM /* INTO $UpStream' }).route(MESSAGE), [{ kind: 'upstream' }]);
  });

  it('gives each endpoint one copy and the best priority first', () => {
    const router = compileRoutes({
      late: 'FROM /* INTO $upstream',
      again: 'FROM /messages/* INTO $upstream',
      first: { route: 'FROM /* INTO BrokeredEndpoint("/modules/m/inputs/i")', priority: 0, timeToLiveSecs: 60 },
      empty: '',
    });
    assert.deepEqual(
      router.route(MESSAGE).map(({ kind }) => kind),
      ['module', 'upstream'],
    );
    assert.equal(router.routes[0]?.timeToLiveSecs, 60);
    assert.equal(router.routes[0]?.source, '/*');
  });
});

describe('conditions', () => {
  const table: [string, boolean][] = [
    ["topic = 'x'", true],
    ['topic = "x"', true],
    ["TOPIC = 'x' and kind = 'raw'", true],
    ["topic != 'x'", false],
    ["topic <> 'y'", true],
    ["missing = 'x'", false],
    ["missing != 'x'", false],
    ["not (missing = 'x')", false],
    ["missing = 'x' or topic = 'x'", true],
    ["not (topic = 'y')", true],
    ["NOT (topic = 'y') AND NOT (topic = 'z')", true],
    ["topic = 'y' or topic = 'x' and kind = 'raw'", true],
    ["(topic = 'y' or topic = 'x') and kind = 'no'", false],
    ["count < '6'", true],
    ['1 < 2', true],
    ['0x10 = 16', true],
    ['-1.5e1 = -15', true],
    ['true', true],
    ['true = false', false],
    ["a-b = 'dash'", true],
    ["kind! = 'bang'", true],
    ["'it\\'s \\u0041' = \"it's A\"", true],
    ["$messageId = 'm1'", true],
    ["$cid = 'c'", true],
    ["$contenttype = 'application/json'", true],
    ["$own = 'user'", true],
    ["{$own} = 'sys'", true],
    ['$body.temp > 20', true],
    ['20 < $body.temp', true],
    ['$body.temp > 22', false],
    ["$BODY.name = 'belt'", true],
    ['$body.ok', true],
    ['$body.off', false],
    ['not $body.off', true],
    ['$body.ok and 1 < 2', true],
    ['$body.list[0].v = 3', true],
    ['$body.list[1].v = 3', false],
    ['$body.none = null', true],
    ['$body.none != 5', true],
    ['$body.nested != 5', false],
    ["$body.at = '2026-01-02T03:04:05Z'", false],
    ["$body.temp = '21.5'", false],
    ["$body.temp != '21.5'", true],
    ["$body.temp < 'x'", false],
  ];
  for (const [condition, result] of table) {
    it(`${condition} is ${result}`, () => assert.equal(passes(condition), result));
  }

  it('body values are undefined without a JSON type and encoding, and absent from anything but an object', () => {
    const untyped = { ...MESSAGE, systemProperties: { contentType: 'application/json' } };
    assert.equal(passes('$body.temp > 20', untyped), false);
    assert.equal(passes('$body.temp > 20', { ...MESSAGE, body: Buffer.from('[1]') }), false);
    assert.equal(passes('$body.temp > 20', { ...MESSAGE, body: Buffer.from('{') }), false);
    const utf16 = { ...MESSAGE.systemProperties, contentEncoding: 'UTF-16' };
    const body = Buffer.from('{"temp":30}', 'utf16le');
    assert.equal(passes('$body.temp > 20', { ...MESSAGE, systemProperties: utf16, body }), true);
  });
});

describe('refusals name column and reason', () => {
  const where = 'FROM /messages/* WHERE '.length;
  const table: [unknown, number | undefined, RegExp][] = [
    ['INTO $upstream', 1, /expected "from"/],
    ['FROM messages INTO $upstream', 6, /expected a source/],
    ['FROM /messages/ INTO $upstream', 17, /expected a name or \*/],
    ['FROM /messages/modules/1/outputs/* INTO $upstream', 24, /a number, so it cannot/],
    ['FROM /messages/modules/and/* INTO $upstream', 24, /a word of the routing language/],
    ['FROM /messages/*', 17, /"into" or "where".*the end/],
    ['FROM /messages/* INTO', 22, /expected a sink/],
    ['FROM /messages/* INTO $downstream', 23, /expected \$upstream/],
    ['FROM /messages/* INTO Endpoint("/a/b/c/d")', 23, /expected BrokeredEndpoint/],
    ['FROM /messages/* INTO BrokeredEndpoint(/a/b/c/d)', 40, /quoted endpoint/],
    ['FROM /messages/* INTO BrokeredEndpoint("/modules/b")', 40, /not of the form/],
    ["FROM /messages/* WHERE a = 'x INTO $upstream", where + 5, /unterminated string/],
    ['FROM /messages/* WHERE temp > 25 INTO $upstream', where + 6, /a string with a number.*quoted/],
    ['FROM /messages/* WHERE temp = null INTO $upstream', where + 6, /a string with a null/],
    ["FROM /messages/* WHERE NOT a = 'x' INTO $upstream", where + 1, /NOT binds tighter/],
    ['FROM /messages/* WHERE a and b INTO $upstream', where + 3, /and of a string and a string/],
    ['FROM /messages/* WHERE 1 < 2 and $body.flag INTO $upstream', where + 7, /write the \$body value first/],
    ['FROM /messages/* WHERE a INTO $upstream', where + 1, /the condition is a string/],
    [
      "FROM /messages/* WHERE lower(a) = 'x' INTO $upstream",
      where + 1,
      /function lower\(\) is not supported.*supported are/,
    ],
    ["FROM /messages/* WHERE a || b = 'x' INTO $upstream", where + 3, /operator "\|\|" is not supported/],
    ["FROM /messages/* WHERE (a = 'x' INTO $upstream", where + 10, /expected "\)" to close the one at column 24/],
    ['FROM /messages/* WHERE $body.a[x] = 1 INTO $upstream', where + 1, /is not a path/],
    [`FROM /messages/* WHERE ${'('.repeat(500)}true INTO $upstream`, undefined, /nested deeper/],
    [7, undefined, /as text or as an object/],
    [{ priority: 1 }, undefined, /"route" must be text/],
    [{ route: 'FROM /* INTO $upstream', priority: 10 }, undefined, /"priority" must be an integer from 0 to 9, got 10/],
    [{ route: 'FROM /* INTO $upstream', timeToLiveSecs: -1 }, undefined, /"timeToLiveSecs"/],
  ];
  for (const [route, column, message] of table) {
    it(JSON.stringify(route).slice(0, 80), () => {
      const found = refusal(route);
      assert.match(found.message, message);
      if (column !== undefined) assert.equal(found.column, column);
    });
  }

  it('names every bad route of a set', () => {
    assert.throws(
      () => compileRoutes({ good: 'FROM /* INTO $upstream', one: 'x', two: 'y' }),
      (error: RouteSetError) =>
        error.findings.length === 2 && /^Error parsing route one - .*\(column 1\)/.test(error.message),
    );
    assert.throws(() => compileRoutes([]), RouteSetError);
  });

  it('never fails otherwise, whatever the text', () => {
    const word = fc.constantFrom(
      ...[
        'FROM',
        '/messages/*',
        'WHERE',
        'INTO',
        '$upstream',
        'and',
        'or',
        'not',
        '=',
        '<',
        '(',
        ')',
        'a',
        "'x'",
        '1',
        '$body.a',
        'true',
        'null',
        '{',
        '}',
        '"',
      ],
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(word, { maxLength: 20 }).map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(text, (route) => {
        try {
          compileRoutes({ r: route }).route(MESSAGE);
        } catch (error) {
          assert.ok(error instanceof RouteSetError, String(error));
        }
        const tokens = tokenize(route);
        assert.equal(tokens.at(-1)?.kind, 'end');
      }),
      { numRuns: 2000 },
    );
  });
});
