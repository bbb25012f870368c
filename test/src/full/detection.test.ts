import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { renderFrame } from '@edgeslot/camera/scene';
import { PredictionClient } from '@edgeslot/client';
import {
  arrangeMaps,
  type Detection,
  SSD_VGG_300,
  SsdDetector,
  type SsdLayout,
  type SsdMap,
} from '@edgeslot/detection';
import { filledMaps, plantedMaps, randomNumbers, slowDetect } from '@edgeslot/detection/testing';
import { createModel } from '@edgeslot/model-tools';
import { startScoringServer } from '../support/scoring-server.js';

const VOC = 21;
/** 66 anchors, of which a case costs little. */
const SMALL: SsdLayout = {
  side: 100,
  centreScale: 0.1,
  sizeScale: 0.2,
  maps: [
    { size: 3, step: 33, sides: [20, 40], ratios: [2, 1 / 2] },
    { size: 2, step: 50, sides: [40, 60], ratios: [2, 1 / 2, 3, 1 / 3] },
    { size: 1, step: 100, sides: [60, 90], ratios: [2, 1 / 2, 3, 1 / 3] },
  ],
};

function same(found: readonly Detection[], expected: readonly Detection[], what: string): void {
  assert.equal(found.length, expected.length, what);
  for (const [index, { classId, confidence, box }] of expected.entries()) {
    const one = found[index]!;
    assert.deepEqual([one.classId, one.confidence], [classId, confidence], what);
    for (const edge of ['left', 'top', 'right', 'bottom'] as const) {
      assert.ok(Math.abs(one.box[edge] - box[edge]) < 1e-6, `${what}: ${edge} of ${index}`);
    }
  }
}

describe('detection against a slow independent implementation', () => {
  it('100 pictures of 8,432 anchors, from none to all above the threshold', () => {
    const detector = new SsdDetector(VOC);
    let found = 0;
    for (let seed = 1; seed <= 100; seed++) {
      const random = randomNumbers(seed);
      const maps =
        seed % 10 === 0
          ? filledMaps(SSD_VGG_300, VOC, () => 8 * random() - 4)
          : plantedMaps(SSD_VGG_300, VOC, Math.floor(1500 * random() ** 2), random);
      const threshold = [0.5, 0.3, 0.05, 0.9, 0][seed % 5]!;
      const iouThreshold = [0.45, 0.1, 0.7][seed % 3]!;
      const detections = detector.detect(maps, { threshold, iouThreshold });
      same(detections, slowDetect(maps, VOC, SSD_VGG_300, threshold, iouThreshold), `seed ${seed}`);
      found += detections.length;
    }
    assert.ok(found > 5000, `${found} in all`);
  });

  it('20,000 pictures of a few anchors with any numbers: ties, NaN, infinities, huge and tiny ones', () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3e38, -3e38, 1e-45, 4000, -0];
    const detector = new SsdDetector(5, SMALL);
    for (let seed = 1; seed <= 20_000; seed++) {
      const random = randomNumbers(seed);
      // The share of odd numbers grows from none to a third; the others are often equal.
      const oddity = (seed % 50) / 150;
      const number = () =>
        random() < oddity ? odd[Math.floor(random() * odd.length)]! : Math.round(12 * random() - 6) / 2;
      const maps: SsdMap[] = filledMaps(SMALL, 5, number);
      const threshold = [0.5, 0.2, 0.01, 0, 0.25][seed % 5]!;
      const iouThreshold = [0.45, 0, 1, 0.2][seed % 4]!;
      const detections = detector.detect(maps, { threshold, iouThreshold });
      same(detections, slowDetect(maps, 5, SMALL, threshold, iouThreshold), `seed ${seed}`);
    }
  });

  it('SSD-VGG-300 as it is served: tensors over gRPC, objects of the client and over HTTP', async (t) => {
    const modelsDir = await mkdtemp(join(tmpdir(), 'edgeslot-ssd-'));
    t.after(() => rm(modelsDir, { recursive: true, force: true }));
    await createModel({ modelsDir, network: 'ssdvgg300' });
    const server = await startScoringServer(modelsDir, 'ssdvgg300');
    t.after(() => server.command.stop('SIGTERM'));
    const client = new PredictionClient({ address: server.grpc, timeoutMs: 30_000 });
    t.after(() => client.close());
    const picture = await renderFrame(3_000_001);
    const { outputs } = await client.scoreImage(picture);
    const { maps, classes } = arrangeMaps(outputs.values())!;
    assert.equal(classes, VOC);
    // Low thresholds, which many classes of random weights pass.
    for (const threshold of [0, 1 / VOC]) {
      const { objects } = await client.detectImage(picture, { threshold });
      same(objects, slowDetect(maps, VOC, SSD_VGG_300, threshold, 0.45), `threshold ${threshold}`);
      assert.ok(objects.length > 10, `${objects.length} objects above ${threshold}`);
    }
    const response = await fetch(`http://${server.http}/score`, {
      method: 'POST',
      body: picture,
      headers: { 'content-type': 'image/jpeg' },
    });
    assert.equal(response.status, slowDetect(maps, VOC, SSD_VGG_300, 0.5, 0.45).length > 0 ? 200 : 204);
  });
});
