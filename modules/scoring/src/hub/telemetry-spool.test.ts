import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLog } from '@edgeslot/edge-module/log';
import { openTelemetrySpool } from './telemetry-spool.js';

test('messages wait below TELEMETRY_DIR, each module’s in its own directory, or in memory', async (t) => {
  const base = mkdtempSync(join(tmpdir(), 'telemetry-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line) });
  const open = (telemetryDir?: string) =>
    openTelemetrySpool(
      { telemetryMaxBytes: 65_536, ...(telemetryDir !== undefined && { telemetryDir }) },
      { IOTEDGE_MODULEID: 'scoring' },
      log,
    );
  assert.equal(await open(), undefined);
  const spool = await open(base);
  assert.ok(spool && existsSync(join(base, 'scoring')));
  spool.append({ id: '1', output: 'output1', body: Buffer.from('1'), properties: {} });
  await spool.flush();
  assert.equal((await open(base))?.waiting, 1);
  assert.match(lines[0]!, /telemetry: 1 messages wait in .*scoring since the last run/);
  writeFileSync(join(base, 'file'), '');
  assert.equal(await open(join(base, 'file')), undefined);
  assert.match(lines[1]!, /<3>.*TELEMETRY_DIR is .*file: .*; messages wait in memory/);
});
