/** A body that is not the method's request. gRPC would answer INTERNAL, which clients retry; the door answers INVALID_ARGUMENT. */
export interface MalformedRequest {
  readonly malformed: string;
}

export function isMalformed(request: object): request is MalformedRequest {
  return 'malformed' in request;
}

interface Codec<T> {
  readonly encode: (message: T) => Buffer;
  readonly decode: (bytes: Uint8Array) => T;
}

interface Method<Request, Response> {
  /** With its package. */
  readonly service: string;
  readonly name: string;
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
}

/** A unary method for a server, in the shape that grpc-js takes; its deserializer never throws. */
export function serverMethod<Request extends object, Response>(method: Method<Request, Response>) {
  const { service, name, request, response } = method;
  return {
    path: `/${service}/${name}`,
    requestStream: false,
    responseStream: false,
    originalName: name.charAt(0).toLowerCase() + name.slice(1),
    requestSerialize: (message: Request | MalformedRequest): Buffer => {
      if (isMalformed(message)) throw new TypeError('a malformed request cannot be sent');
      return request.encode(message);
    },
    requestDeserialize: (bytes: Buffer): Request | MalformedRequest => {
      try {
        return request.decode(bytes);
      } catch (error) {
        return { malformed: error instanceof Error ? error.message : String(error) };
      }
    },
    responseSerialize: response.encode,
    responseDeserialize: (bytes: Buffer): Response => response.decode(bytes),
  } as const;
}
