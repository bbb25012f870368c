import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { renderFrame } from '@edgeslot/camera/scene';
import { RECIPES } from '@edgeslot/scoring/model';
import { preprocessImage } from '@edgeslot/scoring/preprocess';
import { edgeslot } from '../support/run-command.js';
import { onnxChecker } from './support/python-environment.js';
import { runPython } from './support/run-python.js';

test('NumPy reads the tensors that `model preprocess` writes, and they are those that are scored', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'edgeslot-npy-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const picture = join(folder, 'frame.jpg');
  await writeFile(picture, await renderFrame(7));
  const files: string[] = [];
  const expected = [];
  for (const [name, recipe] of RECIPES) {
    const out = join(folder, name);
    const { code, stderr } = await edgeslot(['model', 'preprocess', '--recipe', name, picture, '--out', out]);
    assert.equal(code, 0, stderr);
    files.push(join(out, 'frame.jpg.npy'));
    const { tensor, height, width } = await preprocessImage(await readFile(picture), recipe);
    const shape = recipe.layout === 'NCHW' ? [3, height, width] : [height, width, 3];
    const sha256 = createHash('sha256').update(new Uint8Array(tensor.buffer)).digest('hex');
    expected.push({ dtype: '<f4', shape, contiguous: true, sha256 });
  }
  // NumPy comes with the ONNX checker.
  const found = await runPython(await onnxChecker(), { script: 'read_npy.py', folder, input: { files } });
  assert.deepEqual(found, expected);
});
