import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Camera } from './camera.js';
import { DEFAULTS } from './config/camera-config.js';
import type { FrameMessage } from './frame-message.js';
import type { PostRequest, PostResult } from './poster.js';
import type { FrameSource } from './source/frame-source.js';

const SCORED: PostResult = {
  outcome: 'scored',
  httpStatus: 200,
  best: { label: 'carton', confidence: 0.9, model: 'belt-object:1' },
};

/** A camera whose source and server the test holds in its hands; `rate` is as fast as the clock allows. */
function make(
  rate = 100,
  take: FrameSource['take'] = async () => ({ bytes: Buffer.from('x'), contentType: 'image/jpeg' }),
) {
  const messages: FrameMessage[] = [];
  const posts: { request: PostRequest; answer: (result: PostResult) => void }[] = [];
  const waiting: { done: () => boolean; resolve: () => void }[] = [];
  const wake = () => {
    for (const one of [...waiting]) if (one.done()) waiting.splice(waiting.indexOf(one), 1)[0]!.resolve();
  };
  const camera = new Camera({
    config: { ...DEFAULTS, rate, jitter: 0 },
    poster: {
      post: (request) =>
        new Promise((resolve) => {
          posts.push({ request, answer: resolve });
          request.signal.addEventListener('abort', () => resolve({ outcome: 'failed', reason: 'the camera stopped' }));
          wake();
        }),
    },
    makeSource: () => ({ take, seedOf: (frame) => 1_000_000 + frame }),
    onFrame: (message) => {
      const { posted, scored, dropped, failed, inFlight } = message.counters;
      assert.equal(posted, scored + dropped + failed + inFlight);
      messages.push(message);
      wake();
    },
  });
  const until = (done: () => boolean) =>
    done() ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ done, resolve }));
  return { camera, messages, posts, until };
}

describe('camera', () => {
  it('tells of each frame what became of it', async () => {
    const { camera, messages, posts, until } = make();
    camera.start();
    await until(() => posts.length === 1);
    posts[0]!.answer(SCORED);
    await until(() => messages.length === 1);
    const { latencyMs, counters, ...message } = messages[0]!;
    assert.equal(typeof latencyMs, 'number');
    assert.equal(counters.scored, 1);
    assert.deepEqual(message, {
      camera: 'belt-1',
      frame: 1,
      seed: 1_000_001,
      status: 'scored',
      httpStatus: 200,
      label: 'carton',
      confidence: 0.9,
      model: 'belt-object:1',
    });
    await camera.stop(0);
  });

  it('keeps one frame beside the one on its way, and gives it up for a newer one', async () => {
    const { camera, messages, posts, until } = make();
    camera.start();
    await until(() => messages.length === 2);
    assert.equal(posts.length, 1);
    assert.deepEqual(
      messages.map(({ frame, status }) => [frame, status]),
      [
        [2, 'dropped'],
        [3, 'dropped'],
      ],
    );
    assert.match(messages[0]!.reason!, /newer frame/);
    posts[0]!.answer(SCORED);
    await until(() => posts.length === 2);
    await camera.stop(0);
    const { posted, scored, failed, inFlight } = camera.counters;
    assert.deepEqual({ scored, failed, inFlight }, { scored: 1, failed: 1, inFlight: 0 });
    assert.equal(messages.length, posted);
  });

  it('sends nothing while the server asks for a pause, and counts those frames', async () => {
    const { camera, messages, posts, until } = make();
    camera.start();
    await until(() => posts.length === 1);
    posts[0]!.answer({ outcome: 'busy', httpStatus: 503, reason: 'QUEUE_FULL: full', waitMs: 3_600_000 });
    await until(() => messages.length >= 4);
    assert.equal(posts.length, 1);
    assert.equal(messages.find(({ frame }) => frame === 1)!.httpStatus, 503);
    assert.ok(messages.every(({ status }) => status === 'dropped'));
    assert.ok(messages.every(({ reason }) => reason?.endsWith('QUEUE_FULL: full')));
    // Another target did not ask for anything.
    const before = posts.length;
    camera.configure({ ...camera.config, target: 'http://elsewhere/score' });
    await until(() => posts.length > before);
    assert.equal(posts.at(-1)!.request.target, 'http://elsewhere/score');
    await camera.stop(0);
  });

  it('counts a frame without a picture as failed', async () => {
    const { camera, messages, until } = make(100, async () => {
      throw new Error('folder /images holds no picture');
    });
    camera.start();
    await until(() => messages.length === 2);
    await camera.stop(0);
    assert.equal(messages[0]!.status, 'failed');
    assert.match(messages[0]!.reason!, /no picture/);
    assert.equal(messages[0]!.latencyMs, undefined);
  });

  it('gives up what was not sent when it stops, and what a server that stops too did not answer', async () => {
    const captured: (() => void)[] = [];
    const slow = make(
      100,
      () =>
        new Promise((resolve) => {
          captured.push(() => resolve({ bytes: Buffer.from('x'), contentType: 'image/jpeg' }));
        }),
    );
    slow.camera.start();
    while (captured.length === 0 || slow.camera.counters.inFlight < 2)
      await new Promise((resolve) => setImmediate(resolve));
    const stopped = slow.camera.stop();
    captured[0]!();
    await stopped;
    assert.equal(slow.posts.length, 0);
    const last = slow.messages.slice(-2);
    assert.deepEqual(
      last.map(({ status, reason }) => [status, reason]),
      [
        ['dropped', 'the camera is stopping'],
        ['dropped', 'the camera is stopping'],
      ],
    );

    const { camera, messages, posts, until } = make();
    const refused: PostResult = { outcome: 'failed', reason: 'connect ECONNREFUSED', disconnected: true };
    camera.start();
    await until(() => posts.length === 1);
    posts[0]!.answer(refused);
    await until(() => posts.length === 2);
    const ending = camera.stop();
    posts[1]!.answer(refused);
    await ending;
    assert.equal(
      messages.find(({ status }) => status === 'failed')?.frame,
      1,
      'a camera that runs tells of the failure',
    );
    assert.deepEqual([messages.at(-1)?.status, messages.at(-1)?.reason], ['dropped', 'the camera is stopping']);
    assert.equal(camera.counters.failed, 1);
  });

  it('rests at rate 0 and goes on with another rate', async () => {
    const { camera, posts, until } = make(0);
    camera.start();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(camera.counters.posted, 0);
    camera.configure({ ...camera.config, rate: 100 });
    await until(() => posts.length === 1);
    await camera.stop(0);
  });

  it('loses no frame, whatever the server answers', async () => {
    const results = fc.constantFrom<PostResult>(
      SCORED,
      { outcome: 'scored', httpStatus: 204 },
      { outcome: 'busy', httpStatus: 503, reason: 'full', waitMs: 5 },
      { outcome: 'failed', reason: 'connect ECONNREFUSED' },
      { outcome: 'failed', httpStatus: 400, reason: 'IMAGE_CORRUPT' },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(results, { minLength: 1, maxLength: 12 }), async (answers) => {
        const { camera, messages, posts, until } = make();
        camera.start();
        for (const [index, answer] of answers.entries()) {
          await until(() => posts.length > index);
          posts[index]!.answer(answer);
        }
        await camera.stop(0);
        const { posted, scored, dropped, failed, inFlight } = camera.counters;
        assert.equal(inFlight, 0);
        assert.equal(posted, scored + dropped + failed);
        const frames = messages.map(({ frame }) => frame).sort((a, b) => a - b);
        assert.deepEqual(
          frames,
          Array.from({ length: posted }, (_, index) => index + 1),
        );
      }),
      { numRuns: 12, seed: 1 },
    );
  });
});
