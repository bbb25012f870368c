import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { renderFrame, sceneFrame } from '@edgeslot/camera/scene';
import sharp from 'sharp';
import { type DemoModels, demoModels } from './support/demo-models.js';
import { edgeslot } from './support/run-command.js';
import { type ScoringServer, startScoringServer } from './support/scoring-server.js';

const SEED = 3_200_000;

describe("scoring pictures of one's own", () => {
  let folder: string;
  let picture: string;
  let server: ScoringServer;
  let models: DemoModels;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'edgeslot-test-pictures-'));
    picture = join(folder, 'a belt.jpg');
    await writeFile(picture, await renderFrame(SEED));
    await writeFile(join(folder, 'notes.txt'), 'not a picture');
    models = await demoModels();
    server = await startScoringServer(models.modelsDir, models.object.id);
  });
  after(async () => {
    await server.command.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const score = (...args: string[]) =>
    edgeslot(['score', ...args, '--address', server.grpc, '--models', models.modelsDir]);

  it('`edgeslot score PHOTO` prints `LABEL confidence: P`, best first', async () => {
    const { code, stdout, stderr } = await score(picture);
    assert.equal(code, 0, stderr);
    const answers = stdout
      .split('\n')
      .map((line) => /^(.+) confidence: ([0-9.]+)$/.exec(line))
      .filter((match) => match !== null);
    assert.equal(answers.length, 4, stdout);
    assert.equal(answers[0]![1], sceneFrame(SEED).object);
    const confidences = answers.map((match) => Number(match[2]));
    assert.deepEqual(
      confidences,
      [...confidences].sort((a, b) => b - a),
    );
    assert.ok(Math.abs(confidences.reduce((sum, p) => sum + p, 0) - 1) < 0.001);
  });

  it('a file that is no picture is refused in one line, with exit code 1', async () => {
    const { code, stderr } = await score(join(folder, 'notes.txt'));
    assert.equal(code, 1);
    assert.match(stderr, /notes\.txt.*Unknown image file format/);
  });

  it('no server: one line that says what to do', async () => {
    const { code, stderr } = await edgeslot(['score', picture, '--address', '127.200.200.200:9']);
    assert.equal(code, 1);
    assert.match(stderr, /npm start/);
  });

  it('`edgeslot demo --images DIR` scores them, and says that the labels mean nothing', async () => {
    const pictures = join(folder, 'pictures');
    await mkdir(pictures);
    for (let i = 0; i < 3; i++) {
      const bytes = await sharp({
        create: { width: 320 + i, height: 240, channels: 3, background: { r: 80 * i, g: 9, b: 9 } },
      })
        .jpeg()
        .toBuffer();
      await writeFile(join(pictures, `${i}.jpg`), bytes);
    }
    const { code, stdout, stderr } = await edgeslot(
      [
        ...['demo', '--images', pictures, '--frames', '4', '--rate', '5', '--host', 'auto'],
        ...['--state', join(folder, 'state'), '--models', models.modelsDir],
      ],
      { boundMs: 200_000 },
    );
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout + stderr, /mean(s)? nothing|meaningless/);
  });
});
