import {
  isMalformed,
  loadProtoFiles,
  type MalformedRequest,
  type ProtoFile,
  type ReflectionQuestion,
  type ReflectionRequest,
  type ReflectionResponse,
} from '@edgeslot/tensorflow-serving';
import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { DoorContext } from '../door-context.js';
import { asScoringError, scoringError } from '../errors.js';
import { grpcStatus } from './status.js';

type ReflectionCall = ServerDuplexStream<ReflectionRequest | MalformedRequest, ReflectionResponse>;
type Answer = ReflectionResponse['answer'];

/**
 * gRPC's server reflection, for grpcurl and its like. The .proto texts are read when somebody first asks, in a thread of
 * their own. A caller that asks faster than it reads the answers is not listened to meanwhile.
 */
export function reflectionHandler({ log }: Pick<DoorContext, 'log'>) {
  let loading: Promise<Catalogue> | undefined;
  const catalogue = () => {
    loading ??= loadProtoFiles().then(
      (files) => new Catalogue(files),
      (error: unknown) => {
        loading = undefined;
        throw error;
      },
    );
    return loading;
  };

  return async (call: ReflectionCall): Promise<void> => {
    try {
      // The plain iterator destroys the stream at its end, and with it what is still to be written.
      for await (const one of call.iterator({ destroyOnReturn: false })) {
        const request: ReflectionRequest | MalformedRequest = one;
        if (isMalformed(request)) throw scoringError('REQUEST_MALFORMED', request.malformed);
        const answer = (await catalogue()).answer(request.question);
        if (!call.write({ request, answer })) await drained(call);
        if (call.cancelled) return;
      }
      call.end();
    } catch (thrown) {
      if (call.cancelled) return;
      const error = asScoringError(thrown);
      if (error.code === 'INTERNAL') log.error('a reflection call failed', thrown);
      call.emit('error', grpcStatus(error));
    }
  };
}

function drained(call: ReflectionCall): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      call.off('drain', done).off('cancelled', done);
      resolve();
    };
    call.on('drain', done).on('cancelled', done);
  });
}

/** What there is to be asked for. */
class Catalogue {
  readonly #byName: ReadonlyMap<string, ProtoFile>;
  readonly #bySymbol: ReadonlyMap<string, ProtoFile>;
  readonly #services: readonly string[];

  constructor(files: readonly ProtoFile[]) {
    this.#byName = new Map(files.map((file) => [file.name, file]));
    this.#bySymbol = new Map(files.flatMap((file) => file.symbols.map((symbol) => [symbol, file] as const)));
    this.#services = files.flatMap(({ services }) => services);
  }

  answer(question: ReflectionQuestion | undefined): Answer {
    switch (question?.ask) {
      case 'services':
        return { kind: 'services', names: this.#services };
      case 'file':
        return this.#files(this.#byName.get(question.name), `no file ${question.name}`);
      case 'symbol':
        return this.#files(this.#bySymbol.get(question.name), `no symbol ${question.name}`);
      case 'extension':
      case 'extensions':
        return refusal(status.NOT_FOUND, `no extension of ${question.name}: these are proto3 files`);
      default:
        return refusal(status.UNIMPLEMENTED, 'the request asks for nothing that is known');
    }
  }

  /** A file and all that it imports, so that one question is enough. */
  #files(file: ProtoFile | undefined, missing: string): Answer {
    if (!file) return refusal(status.NOT_FOUND, missing);
    const found = new Set([file]);
    for (const { imports } of found) {
      for (const name of imports) found.add(this.#byName.get(name)!);
    }
    return { kind: 'files', descriptors: [...found].map(({ descriptor }) => descriptor) };
  }
}

function refusal(code: number, message: string): Answer {
  return { kind: 'error', code, message };
}
