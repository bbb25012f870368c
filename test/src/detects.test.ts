import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { renderFrame } from '@edgeslot/camera/scene';
import { writeSsdPackage } from '@edgeslot/scoring/testing';
import sharp from 'sharp';
import { edgeslot } from './support/run-command.js';
import { type ScoringServer, startScoringServer } from './support/scoring-server.js';

/** The whole-picture anchor, and one in the middle of the third map. */
const OBJECTS = [
  { map: 5, anchor: 0, classId: 7, score: 5 },
  { map: 2, anchor: (5 * 10 + 4) * 6, classId: 15, score: 9 },
] as const;

describe('a detector is served, and its objects are printed and drawn', () => {
  let dir: string;
  let photo: string;
  let server: ScoringServer;
  const score = (...args: string[]) =>
    edgeslot(['score', photo, '--address', server.grpc, '--models', join(dir, 'models'), ...args]);

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeslot-detects-'));
    photo = join(dir, 'photo.jpg');
    await writeFile(photo, await renderFrame(3_000_001));
    await writeSsdPackage(join(dir, 'models'), { name: 'parts', objects: OBJECTS });
    server = await startScoringServer(join(dir, 'models'), 'parts', ['--device', 'emulator']);
  });
  after(async () => {
    const { code } = await server.command.stop('SIGTERM');
    await rm(dir, { recursive: true, force: true });
    assert.equal(code, 0, server.command.output);
  });

  it('as a table, best first, boxes in pixels of the file', async () => {
    const { code, stdout, stderr } = await score();
    assert.equal(code, 0, stderr);
    assert.deepEqual(stdout.trimEnd().split('\n'), [
      'label     confidence  left  top  width  height',
      'class 15      0.9975   202  202    211     159',
      'class 7       0.8812    42   31    556     418',
    ]);
    assert.match(stderr, /photo\.jpg: parts:1$/m);
  });

  it('as JSON, and the same boxes over HTTP', async () => {
    const { stdout } = await score('--json', '--threshold', '0.9');
    const [answer] = JSON.parse(stdout) as [
      { width: number; height: number; objects: { label: string; confidence: number; box: Record<string, number> }[] },
    ];
    assert.equal(answer.objects.length, 1);
    const response = await fetch(`http://${server.http}/score?camera=test`, {
      method: 'POST',
      body: await readFile(photo),
      headers: { 'content-type': 'image/jpeg' },
    });
    const { inferences } = (await response.json()) as {
      inferences: { entity: { tag: unknown; box: Record<'l' | 't' | 'w' | 'h', number> } }[];
    };
    assert.equal(inferences.length, 2);
    const { tag, box } = inferences[0]!.entity;
    const { label, confidence, box: pixels } = answer.objects[0]!;
    assert.deepEqual(tag, { value: label, confidence });
    assert.deepEqual([pixels.left, pixels.top], [Math.round(box.l * answer.width), Math.round(box.t * answer.height)]);
  });

  it('into a picture, where the boxes can be seen', async () => {
    const file = join(dir, 'drawn.png');
    const { code, stderr } = await score('--draw', file);
    assert.equal(code, 0, stderr);
    const drawn = await sharp(file).raw().toBuffer({ resolveWithObject: true });
    const plain = await sharp(photo).raw().toBuffer();
    assert.deepEqual([drawn.info.width, drawn.info.height], [640, 480]);
    const changed = (x: number, y: number) => {
      const at = (y * 640 + x) * 3;
      const drawnAt = (y * 640 + x) * drawn.info.channels;
      return [0, 1, 2].some((channel) => Math.abs(plain[at + channel]! - drawn.data[drawnAt + channel]!) > 8);
    };
    assert.ok(changed(202, 300) && changed(413, 300) && changed(300, 361), 'three edges of the better box');
    assert.ok(!changed(300, 300) && !changed(620, 100), 'the rest is as it was');
  });

  it('nothing above the threshold is no failure', async () => {
    const { code, stdout, stderr } = await score('--threshold', '0.9999');
    assert.deepEqual([code, stdout], [0, '']);
    assert.match(stderr, /no objects more probable than 0\.9999/);
  });
});
