/**
 * The error catalogue: every condition once, with its text, its gRPC status and its HTTP status.
 * Texts follow TensorFlow Serving where it has one, because its clients' users know them.
 *
 * Only INVALID_ARGUMENT stops the retries of Microsoft's Python client, so every fault of the caller's has that status;
 * UNAVAILABLE tells every client to come back.
 */
export type GrpcStatusName =
  | 'UNKNOWN'
  | 'INVALID_ARGUMENT'
  | 'NOT_FOUND'
  | 'RESOURCE_EXHAUSTED'
  | 'DEADLINE_EXCEEDED'
  | 'CANCELLED'
  | 'UNAVAILABLE'
  | 'UNIMPLEMENTED'
  | 'FAILED_PRECONDITION'
  | 'INTERNAL';

/** gRPC status number and HTTP status of each status name; the one table (TensorFlow Serving's REST mapping). */
export const STATUS: Readonly<
  Record<GrpcStatusName, { readonly grpc: number; readonly http: number; readonly retriable: boolean }>
> = {
  CANCELLED: { grpc: 1, http: 499, retriable: false },
  UNKNOWN: { grpc: 2, http: 500, retriable: false },
  INVALID_ARGUMENT: { grpc: 3, http: 400, retriable: false },
  DEADLINE_EXCEEDED: { grpc: 4, http: 504, retriable: true },
  NOT_FOUND: { grpc: 5, http: 404, retriable: false },
  RESOURCE_EXHAUSTED: { grpc: 8, http: 429, retriable: true },
  FAILED_PRECONDITION: { grpc: 9, http: 400, retriable: false },
  UNIMPLEMENTED: { grpc: 12, http: 501, retriable: false },
  INTERNAL: { grpc: 13, http: 500, retriable: false },
  UNAVAILABLE: { grpc: 14, http: 503, retriable: true },
};

/** What cures a package that is no longer what its manifest says. */
const PUT_BACK =
  'A demo model is made anew by `npm start`; any other is registered or created again, and this version deleted with `npx edgeslot model delete`';

/** code -> status and text. Texts name the field, the value and what was expected. */
const catalogue = {
  // Pictures
  IMAGE_EMPTY: entry(
    'INVALID_ARGUMENT',
    (where: string) => `${where}: Input is empty; expected the bytes of a JPEG, PNG or GIF picture`,
  ),
  IMAGE_FORMAT: entry(
    'INVALID_ARGUMENT',
    (where: string, found: string) =>
      `${where}: Unknown image file format. One of JPEG, PNG, GIF, BMP required. Found ${found}; this server takes JPEG, PNG and static GIF`,
  ),
  IMAGE_CORRUPT: entry(
    'INVALID_ARGUMENT',
    (where: string, bytes: number, detail: string, format = 'JPEG') =>
      `${where}: Invalid ${format} data${format === 'JPEG' ? ' or crop window' : ''}, data size ${bytes}: ${detail}`,
  ),
  IMAGE_TOO_LARGE: entry(
    'INVALID_ARGUMENT',
    (where: string, what: string, found: number | string, limit: number) =>
      `${where}: picture is too large: ${what} is ${found}, the limit is ${limit}`,
  ),
  IMAGE_CROP: entry(
    'INVALID_ARGUMENT',
    (where: string, size: string, crop: string, resized: string) =>
      `${where}: Crop size greater than the image size: a crop of ${crop} from ${resized}, which is what the model makes of ${size} pixels`,
  ),
  // Tensors and names
  INPUT_COUNT: entry(
    'INVALID_ARGUMENT',
    (found: readonly string[], expected: readonly string[], sent: string, missing: string) =>
      `input size does not match signature: ${found.length}!=${expected.length} len({${found}}) != len({${expected}}). Sent extra: {${sent}}. Missing but required: {${missing}}.`,
  ),
  INPUT_NAME: entry(
    'INVALID_ARGUMENT',
    (alias: string, tensor: string, found: string) =>
      `Signature input alias: ${alias}(feed name: ${tensor}) not found in request and no default value provided. Inputs expected to be in the request {${alias}} or {${tensor}}; found {${found}}`,
  ),
  INPUT_DTYPE: entry(
    'INVALID_ARGUMENT',
    (name: string, expected: string, found: string) =>
      `input '${name}': Expects arg[0] to be ${expected} but ${found} is provided`,
  ),
  INPUT_SHAPE: entry(
    'INVALID_ARGUMENT',
    (name: string, model: string, expected: string, found: string) =>
      `unexpected shape for input '${name}' for model '${model}'. Expected ${expected}, got ${found}.`,
  ),
  TENSOR_MALFORMED: entry(
    'INVALID_ARGUMENT',
    (name: string, detail: string) => `tensor parsing error: ${name}: ${detail}`,
  ),
  OUTPUT_UNKNOWN: entry(
    'INVALID_ARGUMENT',
    (name: string, known: string) =>
      `output tensor alias not found in signature: ${name} Outputs expected to be in the set {${known}}.`,
  ),
  OUTPUT_DUPLICATE: entry('INVALID_ARGUMENT', (name: string) => `duplicate output tensor alias: ${name}`),
  SIGNATURE_UNKNOWN: entry(
    'INVALID_ARGUMENT',
    (name: string) => `Serving signature key "${name}" not found; this model has "serving_default"`,
  ),
  VERSION_LABEL_UNKNOWN: entry('INVALID_ARGUMENT', (label: string) => `Unrecognized servable version label: ${label}`),
  METADATA_FIELD_MISSING: entry(
    'INVALID_ARGUMENT',
    (known: string) => `GetModelMetadataRequest must specify at least one metadata_field: ${known}`,
  ),
  METADATA_FIELD_UNKNOWN: entry(
    'INVALID_ARGUMENT',
    (field: string, known: string) => `Metadata field ${field} is not supported; expected ${known}`,
  ),
  REST_PATH: entry(
    'INVALID_ARGUMENT',
    (method: string, path: string) =>
      `Malformed request: ${method} ${path}; expected GET /v1/models/NAME[/versions/V][/metadata] or POST /v1/models/NAME[/versions/V]:predict`,
  ),
  REST_JSON: entry('INVALID_ARGUMENT', (detail: string) => `JSON Parse error: ${detail}`),
  REST_BODY: entry('INVALID_ARGUMENT', (detail: string) => detail),
  REST_SIGNATURE: entry(
    'INVALID_ARGUMENT',
    (name: string) => `Serving signature name: "${name}" not found in signature def; this model has "serving_default"`,
  ),
  REST_BASE64: entry(
    'INVALID_ARGUMENT',
    (found: string) => `Unable to base64 decode ${found}; expected the standard alphabet with padding`,
  ),
  REST_VALUE: entry(
    'INVALID_ARGUMENT',
    (value: string, type: string, expected: string) =>
      `JSON Value: ${value} Type: ${type} is not of expected type: ${expected}`,
  ),
  REST_LIST_SIZE: entry(
    'INVALID_ARGUMENT',
    (found: number, level: number, expected: number) =>
      `Encountered list at unexpected size: ${found} at level: ${level} expected size: ${expected}`,
  ),
  REST_LIST_DEPTH: entry('INVALID_ARGUMENT', (limit: number) => `lists are nested deeper than ${limit} levels`),
  REQUEST_MALFORMED: entry('INVALID_ARGUMENT', (detail: string) => `request is malformed: ${detail}`),
  REQUEST_TOO_LARGE: entry(
    'RESOURCE_EXHAUSTED',
    (bytes: number, limit: number) => `Received message larger than max (${bytes} vs ${limit})`,
  ),
  DETECTIONS_UNAVAILABLE: entry(
    'UNIMPLEMENTED',
    (model: string, found: string) =>
      `model ${model} detects objects, but where its boxes lie is not known: expected the maps of SSD-VGG-300, found ${found}; gRPC Predict answers its output tensors`,
  ),
  METHOD_UNSERVED: entry(
    'UNIMPLEMENTED',
    (method: string) =>
      `${method} takes tensorflow.Example records, and no model here has a signature for them: its method_name is tensorflow/serving/predict; call Predict`,
  ),
  HEALTH_SERVICE: entry(
    'NOT_FOUND',
    (service: string, known: string) => `Health status unknown for service ${service}; expected none, or ${known}`,
  ),
  TOO_MANY_STREAMS: entry(
    'RESOURCE_EXHAUSTED',
    (what: string, limit: number) => `${what}: ${limit} are open, and no more are taken; end some, or try again later`,
  ),
  // Models
  SERVABLE_NOT_FOUND: entry('NOT_FOUND', (request: string) => `Servable not found for request: ${request}`),
  VERSIONS_NOT_FOUND: entry('NOT_FOUND', (name: string) => `Could not find any versions of model ${name}`),
  VERSION_NOT_FOUND: entry(
    'NOT_FOUND',
    (name: string, version: number) => `Could not find version ${version} of model ${name}`,
  ),
  MODEL_NOT_FOUND: entry(
    'NOT_FOUND',
    (id: string, base: string, known: string) =>
      `model '${id}' is not in the models directory ${base}; it holds ${known}`,
  ),
  RELOAD_CONFIG_TYPE: entry(
    'INVALID_ARGUMENT',
    () =>
      'ServerModelConfig type not supported by HandleReloadConfigRequest. Only ModelConfigList is currently supported',
  ),
  RELOAD_CONFIG: entry(
    'INVALID_ARGUMENT',
    (field: string, found: string, expected: string) => `model_config_list: ${field} is ${found}; expected ${expected}`,
  ),
  RELOAD_LABEL: entry(
    'FAILED_PRECONDITION',
    (name: string, version: number) =>
      `Request to assign label to version ${version} of model ${name}, which is not currently available for inference`,
  ),
  RELOAD_BASE_PATH: entry(
    'NOT_FOUND',
    (path: string, name: string, expected: string) =>
      `Could not find base path ${path} for servable ${name}; expected ${expected}, or none`,
  ),
  RELOAD_FAILED: entry(
    'UNKNOWN',
    (model: string, reason: string) => `1 model(s) did not become available: {{${model} due to error: ${reason}}, }`,
  ),
  MODELS_DIRECTORY: entry(
    'FAILED_PRECONDITION',
    (base: string, detail: string) => `models directory ${base} cannot be read: ${detail}`,
  ),
  PACKAGE_MANIFEST: entry(
    'FAILED_PRECONDITION',
    (file: string, field: string, detail: string) => `${file}: ${field}: ${detail}`,
  ),
  PACKAGE_FILE_MISSING: entry(
    'FAILED_PRECONDITION',
    (file: string) => `${file} is missing; the package is not whole without it. ${PUT_BACK}`,
  ),
  PACKAGE_DIGEST: entry(
    'FAILED_PRECONDITION',
    (file: string, expected: string, found: string) =>
      `${file} was altered: its ${expected.length === 64 ? 'sha256' : 'size'} is ${found}, the manifest says ${expected}. ${PUT_BACK}`,
  ),
  PACKAGE_GRAPH_FORMAT: entry(
    'FAILED_PRECONDITION',
    (file: string, expected: string, found: string) => `${file}: graph: expected ${expected}, found ${found}`,
  ),
  PACKAGE_OPSET: entry('FAILED_PRECONDITION', otherThanExpected),
  PACKAGE_OPERATOR: entry(
    'FAILED_PRECONDITION',
    (file: string, field: string, found: string) =>
      `${file}: ${field}: expected an operator that onnxruntime has, found ${found}`,
  ),
  PACKAGE_TENSOR_NAME: entry('FAILED_PRECONDITION', otherThanExpected),
  PACKAGE_TENSOR_TYPE: entry('FAILED_PRECONDITION', otherThanExpected),
  PACKAGE_TENSOR_SHAPE: entry('FAILED_PRECONDITION', otherThanExpected),
  PACKAGE_GRAPH: entry('FAILED_PRECONDITION', otherThanExpected),
  PACKAGE_OUTSIDE: entry(
    'FAILED_PRECONDITION',
    (file: string, field: string, found: string) =>
      `${file}: ${field}: expected a file inside the package, found ${found}`,
  ),
  PACKAGE_LABELS: entry(
    'FAILED_PRECONDITION',
    (file: string, expected: string, found: string) =>
      `${file}: number of labels: expected ${expected}, found ${found}`,
  ),
  PACKAGE_LINK: entry('FAILED_PRECONDITION', otherThanExpected),
  PACKAGE_DEVICE: entry('FAILED_PRECONDITION', otherThanExpected),
  PACKAGE_WARM_UP: entry('FAILED_PRECONDITION', otherThanExpected),
  PACKAGE_WEIGHTS: entry('FAILED_PRECONDITION', otherThanExpected),
  // Device and slot
  DEVICE_NONE: entry('UNAVAILABLE', (detail: string) => `no device can run a model: ${detail}`),
  LANES_IMPOSSIBLE: entry(
    'FAILED_PRECONDITION',
    (lanes: number | string, threads: number | string, found: string, expected: string) =>
      `scoring.lanes is ${lanes} and scoring.threads is ${threads}: ${found}; expected ${expected}, or auto`,
  ),
  DEVICE_BUSY: entry(
    'FAILED_PRECONDITION',
    (model: string) => `the device holds ${model}; it holds one model at a time`,
  ),
  DEVICE_EMPTY: entry('UNAVAILABLE', () => 'the device holds no model'),
  DEVICE_LOST: entry('UNAVAILABLE', (detail: string) => `the device lost its model: ${detail}`),
  DEVICE_UNSUITABLE: entry(
    'FAILED_PRECONDITION',
    (model: string, detail: string) => `model ${model} cannot run on a Catapult card: ${detail}`,
  ),
  DEVICE_REFUSED: entry('UNAVAILABLE', (path: string, detail: string) => `${path} cannot be used: ${detail}`),
  SLOT_NOT_AVAILABLE: entry(
    'UNAVAILABLE',
    (state: string, model: string) => `no model is available: ${model} is ${state}; try again shortly`,
  ),
  SLOT_FAILED: entry('UNAVAILABLE', (model: string, reason: string) => `model ${model} could not be loaded: ${reason}`),
  SWAP_MEMORY: entry(
    'UNAVAILABLE',
    (model: string, needed: string, free: string) =>
      `${model} is not built beside the model that serves: it takes about ${needed} and may take half of the ${free} that are free`,
  ),
  // Lease between modules
  LEASE_BUSY: entry(
    'UNAVAILABLE',
    (device: string, holder: string, behaviour: string) =>
      `the lease of ${device} is held by ${holder}, which ${behaviour}; the model is loaded as soon as the lease is free`,
  ),
  LEASE_HANDED_OVER: entry(
    'UNAVAILABLE',
    (device: string, to: string) =>
      `${device} was handed over to ${to}, which asked for it; the model is loaded again when ${device} is free, or when a model is asked for here`,
  ),
  LEASE_UNAVAILABLE: entry(
    'FAILED_PRECONDITION',
    (directory: string, detail: string) =>
      `LEASE_DIR (--lease) is ${directory}: ${detail}. Without its lease a device is not used`,
  ),
  // Queue
  QUEUE_FULL: entry(
    'UNAVAILABLE',
    (limit: number) => `The scheduling queue to which this task was submitted is full: ${limit} calls wait`,
  ),
  FRAME_REPLACED: entry(
    'UNAVAILABLE',
    (camera: string) => `a newer frame of camera ${camera} replaced this one before it was scored`,
  ),
  DEADLINE: entry('DEADLINE_EXCEEDED', () => 'Deadline exceeded before the frame reached the device'),
  CANCELLED: entry('CANCELLED', () => 'the caller went away before the frame reached the device'),
  STOPPING: entry('UNAVAILABLE', () => 'the module is stopping'),
  // Configuration and commands
  CONFIG_INVALID: entry('INVALID_ARGUMENT', (detail: string) => detail),
  PORT_TAKEN: entry('FAILED_PRECONDITION', (what: string, address: string) => `${what}: ${address} is already in use`),
  INTERNAL: entry('INTERNAL', (detail: string) => `internal error: ${detail}`),
} as const;

type Catalogue = typeof catalogue;
export type ErrorCode = keyof Catalogue;

export class ScoringError extends Error {
  override readonly name = 'ScoringError';
  constructor(
    readonly code: ErrorCode,
    readonly status: GrpcStatusName,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
  get grpc(): number {
    return STATUS[this.status].grpc;
  }
  get http(): number {
    return STATUS[this.status].http;
  }
  get retriable(): boolean {
    return STATUS[this.status].retriable;
  }
}

/** Makes the error of a catalogue entry, e.g. `scoringError('QUEUE_FULL', 64)`. */
export function scoringError<C extends ErrorCode>(code: C, ...params: Parameters<Catalogue[C]['text']>): ScoringError {
  const { status, text } = catalogue[code];
  return new ScoringError(code, status, (text as (...p: unknown[]) => string)(...params));
}

/** Any thrown value as a ScoringError; what is not ours becomes INTERNAL, with the cause kept. */
export function asScoringError(error: unknown): ScoringError {
  if (error instanceof ScoringError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new ScoringError('INTERNAL', 'INTERNAL', catalogue.INTERNAL.text(detail), { cause: error });
}

/** Rebuilds an error that crossed a worker boundary as plain data. */
export function reviveScoringError(plain: { code: string; message: string }): ScoringError {
  const known = (catalogue as Record<string, { status: GrpcStatusName } | undefined>)[plain.code];
  return known
    ? new ScoringError(plain.code as ErrorCode, known.status, plain.message)
    : new ScoringError('INTERNAL', 'INTERNAL', plain.message);
}

/** Every code with its status, for the documentation and its test. */
export function listErrors(): { code: ErrorCode; status: GrpcStatusName }[] {
  return Object.entries(catalogue).map(([code, { status }]) => ({ code: code as ErrorCode, status }));
}

function otherThanExpected(file: string, field: string, expected: string, found: string): string {
  return `${file}: ${field}: expected ${expected}, found ${found}`;
}

function entry<P extends unknown[]>(status: GrpcStatusName, text: (...params: P) => string) {
  return { status, text };
}
