import {
  decodePredictResponse,
  encodePredictRequest,
  type PredictRequest,
  type PredictResponse,
  stringTensor,
  type TensorProto,
} from '@edgeslot/tensorflow-serving';
import * as grpc from '@grpc/grpc-js';

export const INPUT = 'Placeholder:0';
export const OUTPUT = 'classifier/resnet_v1_50/predictions/Softmax:0';

/** A raw Predict caller: it can send what no well-meaning client would. Rejects with grpc-js' ServiceError. */
export class PredictCaller {
  private readonly client: grpc.Client;

  constructor(address: string) {
    this.client = new grpc.Client(address, grpc.credentials.createInsecure(), {
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
      // A connection of its own, as clients in other processes have.
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  predict(request: Partial<PredictRequest>): Promise<PredictResponse> {
    return this.send(encodePredictRequest({ inputs: new Map(), outputFilter: [], ...request }));
  }

  images(...images: Uint8Array[]): Promise<PredictResponse> {
    return this.predict({ inputs: new Map([[INPUT, stringTensor(images)]]) });
  }

  tensor(tensor: TensorProto, name = INPUT): Promise<PredictResponse> {
    return this.predict({ inputs: new Map([[name, tensor]]) });
  }

  send(body: Buffer): Promise<PredictResponse> {
    return new Promise((resolve, reject) => {
      this.client.makeUnaryRequest(
        '/tensorflow.serving.PredictionService/Predict',
        (bytes: Buffer) => bytes,
        decodePredictResponse,
        body,
        { deadline: Date.now() + 30_000 },
        (error, reply) => (error || !reply ? reject(error ?? new Error('no reply')) : resolve(reply)),
      );
    });
  }

  close(): void {
    this.client.close();
  }
}
