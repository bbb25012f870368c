import { readFile } from 'node:fs/promises';
import {
  floatTensor,
  floatValues,
  type PredictRequest,
  type PredictResponse,
  predictServerMethod,
  stringTensor,
  type TensorProto,
} from '@edgeslot/tensorflow-serving';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { type DetectedObject, type FindOptions, findObjects } from './find-objects.js';
import { PredictionError } from './prediction-error.js';
import { retry } from './retry.js';

export interface ClientOptions {
  /** `host:port` of the server's gRPC door. */
  readonly address: string;
  /** `name` or `name:version`; left out, the loaded model answers. */
  readonly model?: string;
  /** Tensor name or alias of the input. Default `Placeholder:0`, as Microsoft's client sends. */
  readonly input?: string;
  /** Milliseconds for one try. Default 10,000. */
  readonly timeoutMs?: number;
  /** Milliseconds between tries. Default 1, 2, 4 and 8 seconds, as Microsoft's client waits: it rides out a model swap. */
  readonly retryDelaysMs?: readonly number[];
}

export interface ScoreOptions {
  /** Outputs to ask for, by tensor name or alias; left out, all of them. */
  readonly outputs?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface OutputTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface ScoreResult {
  /** The model that answered. */
  readonly model: { readonly name: string; readonly version: number };
  readonly outputs: ReadonlyMap<string, OutputTensor>;
}

export interface DetectResult {
  readonly model: ScoreResult['model'];
  /** Best first. */
  readonly objects: readonly DetectedObject[];
}

/** An SSD batch is the largest reply: 843,200 bytes a picture. */
const MAX_REPLY_BYTES = 64 * 1024 * 1024;
const MAX_ELEMENTS = MAX_REPLY_BYTES / 4;

/**
 * What may pass: a swap, a full queue, a lost connection. The rest (INVALID_ARGUMENT, NOT_FOUND, UNIMPLEMENTED, …) would
 * be refused again.
 */
const PASSING: readonly string[] = ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'ABORTED', 'RESOURCE_EXHAUSTED', 'INTERNAL'];

/**
 * Scores pictures over `tensorflow.serving.PredictionService`. It tries again after UNAVAILABLE, DEADLINE_EXCEEDED,
 * ABORTED, RESOURCE_EXHAUSTED and INTERNAL; every other refusal is final.
 */
export class PredictionClient {
  readonly #options: Required<Omit<ClientOptions, 'model'>> & Pick<ClientOptions, 'model'>;
  readonly #client: Client;

  constructor(options: ClientOptions) {
    this.#options = { input: 'Placeholder:0', timeoutMs: 10_000, retryDelaysMs: [1000, 2000, 4000, 8000], ...options };
    this.#client = new Client(options.address, credentials.createInsecure(), {
      'grpc.max_receive_message_length': MAX_REPLY_BYTES,
      'grpc.max_send_message_length': -1,
    });
  }

  /** Scores the picture in a file. */
  async scoreFile(path: string, options?: ScoreOptions): Promise<ScoreResult> {
    return await this.scoreImage(await readFile(path), options);
  }

  /** Scores one picture, or several in one call: the encoded bytes of JPEG, PNG or static GIF. */
  async scoreImage(images: Uint8Array | readonly Uint8Array[], options?: ScoreOptions): Promise<ScoreResult> {
    return await this.#score(stringTensor(images instanceof Uint8Array ? [images] : images), options);
  }

  /**
   * Scores one picture with a detector and finds the objects in it, best first.
   * @throws TypeError when the model is no SSD-VGG-300
   */
  async detectImage(
    image: Uint8Array,
    options: FindOptions & Omit<ScoreOptions, 'outputs'> = {},
  ): Promise<DetectResult> {
    const { signal, ...find } = options;
    const { model, outputs } = await this.scoreImage(image, signal && { signal });
    const objects = findObjects(outputs, find);
    if (objects) return { model, objects };
    const names = [...outputs.keys()].join(', ');
    throw new TypeError(`${model.name}:${model.version} is no SSD-VGG-300 detector; it answered ${names || 'nothing'}`);
  }

  /** Scores a tensor that is preprocessed already, e.g. [1,224,224,3]. */
  async scoreTensor(data: Float32Array, shape: readonly number[], options?: ScoreOptions): Promise<ScoreResult> {
    return await this.#score(floatTensor(shape, data, 'tensor_content'), options);
  }

  close(): void {
    this.#client.close();
  }

  async #score(tensor: TensorProto, { outputs = [], signal }: ScoreOptions = {}): Promise<ScoreResult> {
    const { input, model, retryDelaysMs, address } = this.#options;
    const spec = model === undefined ? undefined : modelSpec(model);
    const request: PredictRequest = {
      inputs: new Map([[input, tensor]]),
      outputFilter: outputs,
      ...(spec && { modelSpec: spec }),
    };
    const response = await retry(() => this.#call(request, signal), {
      delaysMs: retryDelaysMs,
      mayPass: (error) => error instanceof PredictionError && PASSING.includes(error.code),
      ...(signal && { signal }),
    });
    return {
      model: { name: response.modelSpec?.name ?? '', version: response.modelSpec?.version ?? 0 },
      outputs: new Map([...response.outputs].map(([name, output]) => [name, outputTensor(output, name, address)])),
    };
  }

  #call(request: PredictRequest, signal: AbortSignal | undefined): Promise<PredictResponse> {
    const { path, requestSerialize, responseDeserialize } = predictServerMethod;
    const { address, timeoutMs } = this.#options;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const done = (error: ServiceError | null, response?: PredictResponse) => {
        signal?.removeEventListener('abort', cancel);
        if (error) reject(new PredictionError(error, address));
        else resolve(response!);
      };
      const deadline = Date.now() + timeoutMs;
      const call = this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        { deadline },
        done,
      );
      const cancel = () => call.cancel();
      signal?.addEventListener('abort', cancel, { once: true });
    });
  }
}

function modelSpec(model: string): NonNullable<PredictRequest['modelSpec']> {
  const [name, version] = model.split(':') as [string, string?];
  if (name === '' || (version !== undefined && !/^[1-9]\d*$/.test(version))) {
    throw new TypeError(`model is "${model}"; expected name or name:version`);
  }
  return { name, signatureName: '', ...(version !== undefined && { version: Number(version) }) };
}

function outputTensor(tensor: TensorProto, name: string, address: string): OutputTensor {
  try {
    return { shape: tensor.shape ?? [], data: floatValues(tensor, MAX_ELEMENTS) };
  } catch (error) {
    throw new Error(`${address} answered output ${name} that cannot be read`, { cause: error });
  }
}
