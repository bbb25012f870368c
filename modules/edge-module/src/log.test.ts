import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLog, type LogLevel, parseLogLevel } from './log.js';

/** The pattern of edgeAgent's `LogMessageParser`. */
const RUNTIME_PATTERN =
  /^\s*(<(?<logLevel>\d)>)?\s*((?<timestamp>\d{4}-\d{2}-\d{2}\s\d{2}:\d{2}:\d{2}.\d{3}\s[+-]\d{2}:\d{2})\s)?\s*(?<logtext>.*)$/;

function collect(level?: LogLevel) {
  const lines: string[] = [];
  const log = createLog({
    ...(level && { level }),
    write: (line) => lines.push(line),
    now: () => new Date('2026-01-02T03:04:05.678Z'),
  });
  return { lines, log };
}

describe('log', () => {
  it('writes the format of the runtime', () => {
    const { lines, log } = collect();
    log.info('model is AVAILABLE');
    log.warning('queue is full');
    log.error('lost');
    log.fatal('gone');
    assert.deepEqual(lines, [
      '<6> 2026-01-02 03:04:05.678 +00:00 [INF] - model is AVAILABLE\n',
      '<4> 2026-01-02 03:04:05.678 +00:00 [WRN] - queue is full\n',
      '<3> 2026-01-02 03:04:05.678 +00:00 [ERR] - lost\n',
      '<0> 2026-01-02 03:04:05.678 +00:00 [FTL] - gone\n',
    ]);
    const groups = RUNTIME_PATTERN.exec(lines[1]!.trimEnd())!.groups!;
    assert.equal(groups.logLevel, '4');
    assert.equal(groups.timestamp, '2026-01-02 03:04:05.678 +00:00');
    assert.equal(groups.logtext, '[WRN] - queue is full');
  });

  it('leaves out what is below its level, and names the source from debug on', () => {
    const { lines, log } = collect();
    log.debug('hidden');
    log.verbose('hidden');
    assert.deepEqual(lines, []);
    const chatty = collect('debug');
    chatty.log.from('slot').debug('seen');
    chatty.log.verbose('hidden');
    assert.deepEqual(chatty.lines, ['<7> 2026-01-02 03:04:05.678 +00:00 [DBG] [slot] - seen\n']);
  });

  it('joins lines, stacks and causes into one line', () => {
    const { lines, log } = collect();
    log.error('one\n\n  two\r\nthree', new Error('outer', { cause: new Error('inner') }));
    assert.equal(lines.length, 1);
    assert.equal(lines[0]!.indexOf('\n'), lines[0]!.length - 1);
    assert.match(lines[0]!, /one \| two \| three: Error: outer \| at .* \| caused by Error: inner/);
  });

  it('never throws', () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    const { log } = collect();
    log.error('cyclic', cycle);
    createLog({
      write: () => {
        throw new Error('disk full');
      },
    }).info('text');
  });

  it('reads both spellings of every level', () => {
    for (const [text, level] of [
      ['Information', 'info'],
      ['info', 'info'],
      ['WARN', 'warning'],
      ['Warning', 'warning'],
      ['Verbose', 'verbose'],
      ['Debug, Microsoft=Error', 'debug'],
      [' fatal ', 'fatal'],
    ] as const)
      assert.equal(parseLogLevel(text), level, text);
    assert.equal(parseLogLevel('loud'), undefined);
    assert.equal(parseLogLevel(''), undefined);
  });
});
