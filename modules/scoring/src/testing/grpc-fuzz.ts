import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { type GrpcCall, spoiltCall } from './grpc-calls.js';
import { Random } from './random.js';

export interface GrpcFuzzOptions {
  /** `host:port` */
  readonly address: string;
  readonly seed: number;
  readonly cases: number;
  /** Calls at once. */
  readonly parallel: number;
  readonly calls: readonly GrpcCall[];
  /** Called after every so many calls. */
  readonly onProgress?: (done: number) => void;
}

/** Answers per method and status, e.g. `Predict INVALID_ARGUMENT` -> 12. */
export type GrpcTally = Record<string, number>;

/** No answer is due later than this; a door that is silent longer has failed. */
const PATIENCE_MS = 30_000;

/**
 * Sends spoilt calls; every one must be answered with one of its statuses.
 * @throws Error that names seed, number, method and body of a call that was answered otherwise
 */
export async function fuzzGrpc({
  address,
  seed,
  cases,
  parallel,
  calls,
  onProgress,
}: GrpcFuzzOptions): Promise<GrpcTally> {
  const client = new Client(address, credentials.createInsecure());
  const random = new Random(seed);
  const tally: GrpcTally = {};
  let next = 0;
  const work = async () => {
    while (next < cases) {
      const number = next++;
      const call = spoiltCall(calls, random);
      const { code, details } = await send(client, call);
      if (!call.expected.includes(code)) {
        const body = call.body.toString('hex').slice(0, 2000);
        throw new Error(`seed ${seed}, call ${number}: ${call.path} of ${body}: ${status[code]}: ${details}`);
      }
      const key = `${call.path.split('/').at(-1)} ${status[code]}`;
      tally[key] = (tally[key] ?? 0) + 1;
      if ((number + 1) % 1000 === 0) onProgress?.(number + 1);
    }
  };
  try {
    await Promise.all(Array.from({ length: parallel }, work));
  } finally {
    client.close();
  }
  return tally;
}

function send(client: Client, { path, body }: GrpcCall): Promise<Pick<ServiceError, 'code' | 'details'>> {
  return new Promise((resolve) => {
    const asIs = (bytes: Buffer) => bytes;
    client.makeUnaryRequest(path, asIs, asIs, body, { deadline: Date.now() + PATIENCE_MS }, (error) =>
      resolve(error ?? { code: status.OK, details: '' }),
    );
  });
}
