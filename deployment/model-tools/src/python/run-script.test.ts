import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runScript } from './run-script.js';

const READ =
  "import { createInterface } from 'node:readline';\nconst [line] = await new Promise((done) => createInterface({ input: process.stdin }).once('line', (text) => done([text])));\nconst input = JSON.parse(line);\nconst say = (value) => console.log(JSON.stringify(value));\n";

/** Node stands in for Python: what is tested is how a script is run. */
describe('a script that speaks lines of JSON', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'edgeslot-script-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const run = async (
    code: string,
    options: { timeoutMs?: number; signal?: AbortSignal; onMessage?: (message: object) => void } = {},
  ) => {
    const script = join(folder, 'script.mjs');
    await writeFile(script, READ + code);
    return runScript({ python: process.execPath }, { script, input: { number: 7 }, timeoutMs: 60_000, ...options });
  };

  it('gives its messages and its result; what libraries print is passed over', async () => {
    const messages: object[] = [];
    const code =
      "say({ done: 1 }); console.log('a warning'); console.log('[1]'); say({ result: input.number + 1 }); process.exit(0);";
    assert.equal(await run(code, { onMessage: (message) => messages.push(message) }), 8);
    assert.deepEqual(messages, [{ done: 1 }]);
  });

  it('fails with the last of its errors, also when it gave a result, and when it gave none', async () => {
    const failing = "say({ result: 1 }); console.error('one\\ntwo\\nthree\\nfour'); process.exit(4);";
    await assert.rejects(run(failing), /script\.mjs ended with 4: four$/);
    await assert.rejects(run('process.exit(0);'), /script\.mjs ended with 0/);
    await assert.rejects(run("process.kill(process.pid, 'SIGKILL');"), /ended with a signal.*too little memory/);
  });

  it('is ended by an abort and by its bound', async () => {
    const abort = new AbortController();
    const onMessage = () => abort.abort(new Error('enough'));
    const hanging =
      "process.on('SIGTERM', () => process.exit(0)); say({ started: true }); setInterval(() => {}, 1000);";
    await assert.rejects(run(hanging, { signal: abort.signal, onMessage }), /enough/);
    await assert.rejects(run(hanging, { timeoutMs: 300 }), /did not end within/);
  });
});
