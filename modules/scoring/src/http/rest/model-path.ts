/** What a path of TensorFlow Serving's REST API names. */
export interface ModelPath {
  readonly name: string;
  readonly version?: number;
  readonly label?: string;
  readonly action: 'status' | 'metadata' | 'predict' | 'classify' | 'regress';
}

const PATH =
  /^\/v1\/models\/([^/:]+)(?:\/versions\/(\d{1,15})|\/labels\/([^/:]+))?(?::(predict|classify|regress)|\/(metadata))?$/i;
const POSTED: readonly ModelPath['action'][] = ['predict', 'classify', 'regress'];

/**
 * Reads a method and path (without its query) as TensorFlow Serving's `model_servers/http_rest_api_handler.cc` does:
 * `/v1/models/NAME[/versions/V|/labels/L]`, then `:predict`, `:classify` or `:regress` to POST to, `/metadata` or nothing
 * to GET. Undefined for anything else.
 */
export function readModelPath(method: string, path: string): ModelPath | undefined {
  const [, name, version, label, verb, metadata] = PATH.exec(path) ?? [];
  if (name === undefined) return undefined;
  const action = (verb ?? metadata ?? 'status').toLowerCase() as ModelPath['action'];
  if (method !== (POSTED.includes(action) ? 'POST' : 'GET')) return undefined;
  return {
    name,
    ...(version !== undefined && { version: Number(version) }),
    ...(label !== undefined && { label }),
    action,
  };
}
