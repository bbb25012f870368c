import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { floatTensor, type PredictRequest, predictServerMethod } from '@edgeslot/tensorflow-serving';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import { type ClientOptions, PredictionClient, PredictionError, topK } from './index.js';

type Reply = { readonly code: status; readonly details: string } | 'scores' | 'silence';

const seen: PredictRequest[] = [];
let replies: Reply[] = [];
const server = new Server();
server.addService(
  { Predict: predictServerMethod },
  {
    Predict: (call: ServerUnaryCall<PredictRequest, unknown>, callback: sendUnaryData<unknown>) => {
      seen.push(call.request);
      const reply = replies.shift() ?? 'scores';
      if (reply === 'silence') return;
      if (reply !== 'scores') return callback(reply);
      callback(null, {
        outputs: new Map([['Softmax:0', floatTensor([1, 3], Float32Array.of(0.1, 0.7, 0.2))]]),
        modelSpec: { name: 'belt-object', version: 3, signatureName: 'serving_default' },
      });
    },
  },
);
const port = await new Promise<number>((resolve, reject) =>
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
    error ? reject(error) : resolve(bound),
  ),
);
after(() => server.forceShutdown());

async function withClient<T>(
  use: (client: PredictionClient) => Promise<T>,
  options: Partial<ClientOptions> = {},
): Promise<T> {
  seen.length = 0;
  const client = new PredictionClient({ address: `127.0.0.1:${port}`, retryDelaysMs: [1, 1, 1, 1], ...options });
  try {
    return await use(client);
  } finally {
    client.close();
    replies = [];
  }
}

const picture = Buffer.from('picture');

test('a picture goes out under the tensor name without a model, as Microsoft’s client sends it', async () => {
  const result = await withClient((client) => client.scoreImage(picture));
  assert.deepEqual(result.model, { name: 'belt-object', version: 3 });
  assert.deepEqual(result.outputs.get('Softmax:0'), { shape: [1, 3], data: Float32Array.of(0.1, 0.7, 0.2) });
  assert.equal(seen[0]?.modelSpec, undefined);
  assert.deepEqual([...seen[0]!.inputs.keys()], ['Placeholder:0']);
  assert.deepEqual(seen[0]!.inputs.get('Placeholder:0')?.stringVal?.map(String), ['picture']);
});

test('a file, a batch, a tensor, a model and outputs are sent as asked', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'client-'));
  await writeFile(join(folder, 'a.jpg'), picture);
  await withClient(
    async (client) => {
      await client.scoreFile(join(folder, 'a.jpg'));
      await client.scoreImage([picture, picture], { outputs: ['output_alias'] });
      await client.scoreTensor(new Float32Array(12), [1, 2, 2, 3]);
    },
    { model: 'm:7', input: 'images' },
  );
  await rm(folder, { recursive: true });
  assert.deepEqual(
    seen.map((request) => request.modelSpec),
    Array(3).fill({ name: 'm', version: 7, signatureName: '' }),
  );
  assert.deepEqual(seen[1]!.outputFilter, ['output_alias']);
  assert.deepEqual(seen[1]!.inputs.get('images')?.shape, [2]);
  assert.equal(seen[2]!.inputs.get('images')?.tensorContent?.length, 48);
});

test('it tries again after UNAVAILABLE, and five times at most', async () => {
  replies = [{ code: status.UNAVAILABLE, details: 'swap' }, { code: status.INTERNAL, details: 'x' }, 'scores'];
  await withClient((client) => client.scoreImage(picture));
  assert.equal(seen.length, 3);
  replies = Array(9).fill({ code: status.UNAVAILABLE, details: 'the queue is full' });
  await assert.rejects(
    withClient((client) => client.scoreImage(picture)),
    (error) =>
      error instanceof PredictionError && error.code === 'UNAVAILABLE' && /the queue is full/.test(error.message),
  );
  assert.equal(seen.length, 5);
});

test('what another try cannot cure is final', async () => {
  for (const code of ['INVALID_ARGUMENT', 'NOT_FOUND', 'UNIMPLEMENTED', 'FAILED_PRECONDITION'] as const) {
    replies = [{ code: status[code], details: 'no' }];
    await assert.rejects(
      withClient((client) => client.scoreImage(picture)),
      { code },
    );
    assert.equal(seen.length, 1, code);
  }
});

test('a silent server costs the deadline, and a signal ends the call', async () => {
  replies = ['silence'];
  const once = { retryDelaysMs: [] };
  await assert.rejects(
    withClient((client) => client.scoreImage(picture), { ...once, timeoutMs: 50 }),
    { code: 'DEADLINE_EXCEEDED' },
  );
  replies = ['silence'];
  await assert.rejects(
    withClient((client) => {
      const abort = new AbortController();
      const result = client.scoreImage(picture, { signal: abort.signal });
      setTimeout(() => abort.abort(), 20);
      return result;
    }),
    { code: 'CANCELLED' },
  );
});

test('a model that is no id is refused before anything is sent', async () => {
  await assert.rejects(
    withClient((client) => client.scoreImage(picture), { model: 'm:latest' }),
    /model is "m:latest"/,
  );
  assert.equal(seen.length, 0);
});

test('topK gives the best first, with labels where there are some', () => {
  assert.deepEqual(topK(Float32Array.of(0.25, 0.5, 0.25), 2, ['a', 'b']), [
    { label: 'b', classId: 1, confidence: 0.5 },
    { label: 'a', classId: 0, confidence: 0.25 },
  ]);
  assert.equal(topK([0, 1], 5)[0]?.label, 'class 1');
});
