import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Field, fieldsOf, lengthDelimited, text, varint } from '@edgeslot/scoring/graph';
import { openPackage } from '@edgeslot/scoring/model';
import { tinyNetwork } from '../testing/tiny-network.js';
import { registerModel } from './register-model.js';

const GRAPH = 7;
const INITIALIZER = 5;
const RAW_DATA = 9;

let base: string;
let modelsDir: string;
before(async () => {
  base = await mkdtemp(join(tmpdir(), 'edgeslot-external-'));
  modelsDir = join(base, 'models');
});
after(() => rm(base, { recursive: true }));

function encode({ number, wireType, value, bytes }: Field): Uint8Array {
  return wireType === 0 ? varint(number, value) : lengthDelimited(number, bytes);
}

function change(message: Uint8Array, number: number, by: (content: Uint8Array) => Uint8Array): Buffer {
  const fields = [...fieldsOf(message)];
  return Buffer.concat(
    fields.map((field) => (field.number === number ? lengthDelimited(number, by(field.bytes)) : encode(field))),
  );
}

/** The tiny network as PyTorch's exporter writes it, its weights in another file, and that file. */
function exported(location: string, withLength = true) {
  const pieces: Uint8Array[] = [Buffer.alloc(64)];
  const entry = (key: string, value: string | number) =>
    lengthDelimited(13, Buffer.concat([text(1, key), text(2, `${value}`)]));
  const outside = (tensor: Uint8Array) => {
    const fields = [...fieldsOf(tensor)];
    const raw = fields.find(({ number }) => number === RAW_DATA)!.bytes;
    const offset = Buffer.concat(pieces).length;
    pieces.push(raw);
    return Buffer.concat([
      ...fields.filter(({ number }) => number !== RAW_DATA).map(encode),
      ...[entry('location', location), entry('offset', offset)],
      ...(withLength ? [entry('length', raw.length)] : []),
      varint(14, 1),
    ]);
  };
  const model = change(tinyNetwork(), GRAPH, (graph) => change(graph, INITIALIZER, outside));
  return { model, weights: Buffer.concat(pieces) };
}

async function write(folder: string, location: string, weights?: (whole: Buffer) => Buffer): Promise<string> {
  await mkdir(join(base, folder), { recursive: true });
  const made = exported(location);
  const path = join(base, folder, 'net.onnx');
  await writeFile(path, made.model);
  if (weights) await writeFile(join(base, folder, location), weights(made.weights));
  return path;
}

const register = (path: string) => registerModel({ modelsDir, path, name: 'net' });

test('weights in a file beside the model become part of the graphs, byte for byte as if they had been in it', async () => {
  const whole = join(base, 'whole.onnx');
  await writeFile(whole, tinyNetwork());
  const { files: expected } = (await register(whole)).manifest;
  const { manifest } = await register(await write('beside', 'net.onnx.data', (bytes) => bytes));
  assert.deepEqual(manifest.files, expected);
  const { manifest: opened } = await openPackage(modelsDir, { name: 'net' });
  assert.deepEqual(Object.keys(opened.files), ['classifier.onnx', 'featurizer.onnx', 'labels.txt']);
});

test('a file of weights that is missing, cut off, or leads out is refused and named', async () => {
  await assert.rejects(
    register(await write('missing', 'net.onnx.data')),
    /net\.onnx: its weights lie in .*missing\/net\.onnx\.data, which is missing; copy both/,
  );
  await assert.rejects(
    register(await write('cut', 'net.onnx.data', (bytes) => bytes.subarray(0, -1))),
    /its weights in net\.onnx\.data end at byte \d+, after the file's \d+/,
  );
  const outside = join(base, 'secret');
  await writeFile(outside, exported('x').weights);
  for (const location of ['../secret', outside]) {
    await assert.rejects(
      register(await write('out', location)),
      /its weights lie in .*secret, which leaves its folder/,
    );
  }
  await symlink(outside, join(base, 'out', 'linked'));
  await assert.rejects(register(await write('out', 'linked')), /its weights lie in linked, which leaves its folder/);
});

test('a weight that says nothing of its length reaches to the end of its file', async () => {
  const { model, weights } = exported('net.onnx.data', false);
  const folder = join(base, 'open');
  await mkdir(folder);
  await writeFile(join(folder, 'net.onnx'), model);
  await writeFile(join(folder, 'net.onnx.data'), weights);
  // The runtime refuses the first, which is not the last of the file.
  await assert.rejects(register(join(folder, 'net.onnx')), /conv\/weights/);
});
