/** A body that is not the method's request. gRPC would answer INTERNAL, which clients retry; the door answers INVALID_ARGUMENT. */
export interface MalformedRequest {
  readonly malformed: string;
}

export function isMalformed(request: object): request is MalformedRequest {
  return 'malformed' in request;
}

interface Method<Request, Response> {
  /** With its package. */
  readonly service: string;
  readonly name: string;
  readonly request: { readonly encode: (message: Request) => Buffer; readonly decode: (bytes: Uint8Array) => Request };
  readonly response: {
    readonly encode: (message: Response) => Buffer;
    /** Absent where nobody here asks others. */
    readonly decode?: (bytes: Uint8Array) => Response;
  };
  readonly requestStream?: boolean;
  readonly responseStream?: boolean;
}

/** A method for a server, in the shape that grpc-js takes; its deserializer never throws. */
export function serverMethod<Request extends object, Response>(method: Method<Request, Response>) {
  const { service, name, request, response, requestStream = false, responseStream = false } = method;
  return {
    path: `/${service}/${name}`,
    requestStream,
    responseStream,
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
    responseDeserialize: (bytes: Buffer): Response => {
      if (!response.decode) throw new TypeError(`the reply of ${service}/${name} is only written here`);
      return response.decode(bytes);
    },
  } as const;
}
