import { joinCreateOptions, readCreateOptions } from './create-options.js';
import type { Finding, ModuleSpec } from './deployment.js';
import { pointer } from './deployment.js';

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const DEFAULT_STARTUP_ORDER = 4294967295;
// [registry[:port]/]path[:tag][@digest], as Docker's reference grammar has it.
const REGISTRY = /^(?:localhost|[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+|[a-zA-Z0-9-]+(?=:\d))(?::\d+)?\//;
const IMAGE = /^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::[\w][\w.-]{0,127})?(?:@[a-z0-9]+:[a-f0-9]{32,})?$/;

/** Entries that the schema check has refused already are read as far as they go; their findings are not repeated. */
export function readModules(
  modules: Json,
  at: string,
): { specs: ModuleSpec[]; findings: Finding[]; warnings: Finding[] } {
  const findings: Finding[] = [];
  const warnings: Finding[] = [];
  const specs: ModuleSpec[] = [];
  for (const [name, entry] of Object.entries(modules)) {
    if (!isObject(entry)) continue;
    const here = at + pointer(name);
    const settings = isObject(entry.settings) ? entry.settings : {};
    const image = typeof settings.image === 'string' ? settings.image.trim() : '';
    if (image !== '' && !IMAGE.test(image.replace(/^\$upstream:\d+\//, '').replace(REGISTRY, ''))) {
      findings.push({
        pointer: here + pointer('settings', 'image'),
        message: `is ${JSON.stringify(image)}, expected repository:tag with a repository in lower case`,
      });
    }
    const joined = joinCreateOptions(settings, here + pointer('settings'));
    const created = readCreateOptions(joined.text, here + pointer('settings', 'createOptions'));
    findings.push(...joined.findings, ...created.findings);
    warnings.push(...created.warnings);
    specs.push({
      name,
      image,
      version: String(entry.version ?? ''),
      status: entry.status === 'stopped' ? 'stopped' : 'running',
      restartPolicy: (entry.restartPolicy as ModuleSpec['restartPolicy'] | undefined) ?? 'on-unhealthy',
      imagePullPolicy: entry.imagePullPolicy === 'never' ? 'never' : 'on-create',
      startupOrder: typeof entry.startupOrder === 'number' ? entry.startupOrder : DEFAULT_STARTUP_ORDER,
      env: readEnv(entry.env, here + pointer('env'), findings),
      createOptions: created.options,
      createOptionsText: joined.text,
    });
  }
  return { specs, findings, warnings };
}

/** The daemon refuses a name that the agent injects too: `duplicate env var key` (iotedge: edgelet-http modules.rs). */
function readEnv(value: unknown, at: string, findings: Finding[]): Record<string, string> {
  const env: Record<string, string> = {};
  if (!isObject(value)) return env;
  for (const [key, entry] of Object.entries(value)) {
    if (key.startsWith('IOTEDGE_')) {
      findings.push({ pointer: at + pointer(key), message: 'is set by the Edge agent itself: duplicate env var key' });
    }
    const given = isObject(entry) ? entry.value : undefined;
    env[key] = given === null || given === undefined ? '' : String(given);
  }
  return env;
}
