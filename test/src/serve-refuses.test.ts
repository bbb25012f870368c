import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { renderFrame } from '@edgeslot/camera/scene';
import { floatTensor, stringTensor } from '@edgeslot/tensorflow-serving';
import type { ServiceError } from '@grpc/grpc-js';
import { status as Status } from '@grpc/grpc-js';
import sharp from 'sharp';
import { demoModels } from './support/demo-models.js';
import { INPUT, PredictCaller } from './support/predict-call.js';
import { type ScoringServer, startScoringServer } from './support/scoring-server.js';

describe('edgeslot serve refuses bad input by name, and stays up', () => {
  let server: ScoringServer;
  let caller: PredictCaller;
  let frame: Buffer;

  before(async () => {
    server = await startScoringServer((await demoModels()).modelsDir, 'belt-object', ['--log-level', 'error']);
    caller = new PredictCaller(server.grpc);
    frame = await renderFrame(3_100_000);
  });
  after(async () => {
    caller.close();
    assert.ok(server.command.running, `the server fell\n${server.command.output}`);
    await server.command.stop();
  });

  const hugePicture = () =>
    sharp({ create: { width: 12_500, height: 8_000, channels: 3, background: 'black' } })
      .png()
      .toBuffer();

  const refused = async (call: Promise<unknown>, code: number, text: RegExp) =>
    assert.rejects(call, (error: ServiceError) => {
      assert.equal(Status[error.code], Status[code], error.message);
      assert.match(error.details, text);
      return true;
    });

  it('not a JPEG', () =>
    refused(caller.images(Buffer.from('GIF? no')), Status.INVALID_ARGUMENT, /Unknown image file format/));
  it('an empty picture', () => refused(caller.images(Buffer.alloc(0)), Status.INVALID_ARGUMENT, /Input is empty/));
  it('a truncated JPEG', () =>
    refused(caller.images(frame.subarray(0, frame.length - 900)), Status.INVALID_ARGUMENT, /Invalid JPEG data/));
  it('100 megapixels', async () =>
    refused(caller.images(await hugePicture()), Status.INVALID_ARGUMENT, /100000000|12500/));
  it('one bad picture in a batch', () =>
    refused(caller.images(frame, Buffer.from('x')), Status.INVALID_ARGUMENT, /Unknown image file format/));
  it('a wrong tensor name', () =>
    refused(caller.tensor(stringTensor([frame]), 'image'), Status.INVALID_ARGUMENT, /image.*Placeholder:0|images/s));
  it('a wrong dtype', () => refused(caller.tensor({ dtype: 3, shape: [1] }), Status.INVALID_ARGUMENT, /int32/));
  it('a wrong shape', () =>
    refused(
      caller.tensor(floatTensor([1, 2, 224, 3], new Float32Array(2 * 224 * 3))),
      Status.INVALID_ARGUMENT,
      /224,\s*224,\s*3.*2,\s*224,\s*3/s,
    ));
  it('an unknown output', () =>
    refused(
      caller.predict({ inputs: new Map([[INPUT, stringTensor([frame])]]), outputFilter: ['logits'] }),
      Status.INVALID_ARGUMENT,
      /output tensor alias not found in signature: logits/,
    ));
  it('an unknown model', () =>
    refused(
      caller.predict({
        modelSpec: { name: 'resnet', signatureName: '' },
        inputs: new Map([[INPUT, stringTensor([frame])]]),
      }),
      Status.NOT_FOUND,
      /Servable not found for request: Latest\(resnet\)/,
    ));
  it('an unknown version', () =>
    refused(
      caller.predict({
        modelSpec: { name: 'belt-object', version: 999, signatureName: '' },
        inputs: new Map([[INPUT, stringTensor([frame])]]),
      }),
      Status.NOT_FOUND,
      /Specific\(belt-object, 999\)/,
    ));
  it('a body that is not protobuf', () =>
    refused(caller.send(Buffer.from('\xff\xff\xff\xff{}', 'latin1')), Status.INVALID_ARGUMENT, /malformed/));
  it('a body over the limit', () =>
    refused(caller.images(Buffer.alloc(80 << 20)), Status.RESOURCE_EXHAUSTED, /larger than max/));

  const post = (body: Uint8Array) =>
    fetch(`http://${server.http}/score`, { method: 'POST', headers: { 'content-type': 'image/jpeg' }, body });
  const bodies: [string, () => Uint8Array | Promise<Uint8Array>, number, RegExp][] = [
    ['an empty body', () => new Uint8Array(), 400, /IMAGE_EMPTY/],
    ['not a picture', () => Buffer.from('hello'), 400, /IMAGE_FORMAT/],
    ['a truncated JPEG', () => new Uint8Array(frame.subarray(0, 5000)), 400, /IMAGE_CORRUPT/],
    ['100 megapixels', async () => new Uint8Array(await hugePicture()), 400, /IMAGE_TOO_LARGE/],
    ['a body over the limit', () => new Uint8Array(80 << 20), 413, /REQUEST_TOO_LARGE/],
  ];
  for (const [what, make, status, text] of bodies) {
    it(`over HTTP: ${what}`, async () => {
      const response = await post(await make());
      assert.equal(response.status, status);
      assert.match(await response.text(), text);
    });
  }

  it('and then still scores', async () => {
    assert.equal((await caller.images(frame)).outputs.size, 1);
    assert.equal((await fetch(`http://${server.http}/live`)).status, 200);
    assert.equal((await fetch(`http://${server.http}/ready`)).status, 200);
    assert.match(await (await fetch(`http://${server.metrics}/metrics`)).text(), /^edgeslot_/m);
  });
});
