import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { ONNXRUNTIME_THREAD } from './onnxruntime-thread.js';

test('a worker loads onnxruntime in a process with a long command line', () => {
  const onnxruntime = createRequire(import.meta.url).resolve('onnxruntime-node');
  const start = `
    const { Worker } = require('node:worker_threads');
    const limits = ${JSON.stringify(ONNXRUNTIME_THREAD)};
    new Worker(${JSON.stringify(`require(${JSON.stringify(onnxruntime)}); console.log('loaded')`)},
      { eval: true, execArgv: [], resourceLimits: limits });`;
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['-e', start, 'x'.repeat(60_000)], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  assert.deepEqual([status, signal, stdout], [0, null, 'loaded\n'], stderr);
});
