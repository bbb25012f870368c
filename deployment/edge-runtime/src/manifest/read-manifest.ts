import { compileRoutes, type Router, RouteSetError } from '../routes/router.js';
import { checkSchema } from './check-schema.js';
import { closestName } from './closest-name.js';
import type { Deployment, Finding } from './deployment.js';
import { ManifestError, pointer } from './deployment.js';
import { findJsonFault } from './parse-json.js';
import { readModules } from './read-modules.js';

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const DESIRED = 'properties.desired';
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Reads an IoT Hub deployment manifest: `modulesContent` (or the older `moduleContent`), bare or wrapped in `content`.
 * Throws one ManifestError with everything that is wrong.
 */
export function readManifest(input: string | Json, source?: string): Deployment {
  const findings: Finding[] = [];
  const warnings: Finding[] = [];
  const refuse = (code: 400 | 412 | 417, finding?: Finding): never => {
    throw new ManifestError(code, finding === undefined ? findings : [finding], source);
  };
  const root = typeof input === 'string' ? parse(input, refuse) : input;
  const { modules: sections, at } = unwrap(root, refuse);

  const agent = desiredOf(sections, '$edgeAgent', at, findings);
  const hub = desiredOf(sections, '$edgeHub', at, findings);
  if (agent !== undefined && Object.keys(agent).length === 0) {
    refuse(417, {
      pointer: at + pointer('$edgeAgent', DESIRED),
      message: 'is empty, expected schemaVersion, runtime, systemModules and modules',
    });
  }
  const check = (name: '$edgeAgent' | '$edgeHub', value: Json | undefined) => {
    if (value === undefined) return;
    const result = checkSchema(name, value, at + pointer(name, DESIRED));
    findings.push(...result.findings);
    warnings.push(...result.warnings);
  };
  check('$edgeAgent', agent);
  check('$edgeHub', hub);
  if (agent !== undefined) checkVersion(agent, '1.1', at + pointer('$edgeAgent', DESIRED, 'schemaVersion'), refuse);
  if (hub !== undefined) checkVersion(hub, '1.3', at + pointer('$edgeHub', DESIRED, 'schemaVersion'), refuse);

  const router = hub === undefined ? undefined : readRoutes(hub, at + pointer('$edgeHub', DESIRED, 'routes'), findings);
  const moduleSection = isObject(agent?.modules) ? agent.modules : {};
  const modules = readModules(moduleSection, at + pointer('$edgeAgent', DESIRED, 'modules'));
  findings.push(...modules.findings);
  warnings.push(...modules.warnings);

  const twins = new Map<string, Json>();
  for (const name of Object.keys(sections)) {
    if (name === '$edgeAgent' || name === '$edgeHub') continue;
    const desired = desiredOf(sections, name, at, findings);
    if (desired !== undefined) twins.set(name, desired);
    if (!Object.hasOwn(moduleSection, name)) {
      const close = closestName(name, Object.keys(moduleSection));
      warnings.push({
        pointer: at + pointer(name),
        message: 'has desired properties but is not among the modules of $edgeAgent',
        ...(close === undefined ? {} : { suggestion: `did you mean ${JSON.stringify(close)}?` }),
      });
    }
  }
  if (findings.length > 0 || agent === undefined || hub === undefined || router === undefined) return refuse(400);
  return { agentDesired: agent, hubDesired: hub, router, modules: modules.specs, twins, warnings };
}

type Refuse = (code: 400 | 412 | 417, finding?: Finding) => never;

function parse(text: string, refuse: Refuse): unknown {
  if (text.length > MAX_BYTES)
    return refuse(400, { pointer: '', message: `is ${text.length} characters, expected at most ${MAX_BYTES}` });
  const clean = text.replace(/^\uFEFF/, '');
  try {
    return JSON.parse(clean);
  } catch {
    const fault = findJsonFault(clean);
    return refuse(400, {
      pointer: '',
      message: `not JSON at line ${fault?.line ?? 1} column ${fault?.column ?? 1}: ${fault?.message ?? 'cannot be read'}`,
    });
  }
}

function unwrap(root: unknown, refuse: Refuse): { modules: Json; at: string } {
  let at = '';
  let value = root;
  if (isObject(value) && isObject(value.content) && value.modulesContent === undefined) {
    value = value.content;
    at = '/content';
  }
  for (const key of ['modulesContent', 'moduleContent']) {
    const modules = isObject(value) ? value[key] : undefined;
    if (isObject(modules)) return { modules, at: at + pointer(key) };
  }
  return refuse(400, {
    pointer: at,
    message: `lacks "modulesContent", expected an IoT Edge deployment manifest: {"modulesContent":{"$edgeAgent":{"${DESIRED}":{…}},"$edgeHub":{…}}}`,
  });
}

function desiredOf(sections: Json, name: string, at: string, findings: Finding[]): Json | undefined {
  const entry = sections[name];
  if (entry === undefined) {
    const close = closestName(name, Object.keys(sections));
    findings.push({
      pointer: at,
      message: `lacks "${name}", which every deployment manifest has`,
      ...(close === undefined ? {} : { suggestion: `is ${JSON.stringify(close)} meant to be it?` }),
    });
    return undefined;
  }
  const desired = isObject(entry) ? entry[DESIRED] : undefined;
  if (isObject(desired)) return desired;
  const dotted = isObject(entry) ? Object.keys(entry).find((key) => key.startsWith(`${DESIRED}.`)) : undefined;
  findings.push({
    pointer: at + pointer(name),
    message:
      dotted === undefined
        ? `lacks "${DESIRED}", an object with the desired properties of the module's twin`
        : `sets ${JSON.stringify(dotted)}, which is for a layer over another deployment; a manifest that stands alone sets "${DESIRED}"`,
  });
  return undefined;
}

/** The agent takes 1.0 and 1.1, the hub 1.0 to 1.3 (iotedge: EdgeAgentConnection.cs, EdgeHubConfigParser.cs). */
function checkVersion(section: Json, highest: string, at: string, refuse: Refuse): void {
  const text = section.schemaVersion;
  if (typeof text !== 'string') return;
  const match = /^1\.(\d+)(?:\.(\d+))?$/.exec(text);
  if (
    match === null ||
    Number(match[1]) > Number(highest.slice(2)) ||
    (match[1] === highest.slice(2) && Number(match[2] ?? 0) > 0)
  ) {
    refuse(412, { pointer: at, message: `is ${JSON.stringify(text)}, expected 1.0 to ${highest}` });
  }
}

function readRoutes(hub: Json, at: string, findings: Finding[]): Router | undefined {
  const routes = hub.routes;
  if (!isObject(routes)) return undefined;
  if (/^1\.0(\.|$)/.test(String(hub.schemaVersion))) {
    for (const [name, route] of Object.entries(routes)) {
      if (isObject(route)) {
        findings.push({
          pointer: at + pointer(name),
          message: 'is an object, expected a string: route objects came with schema version 1.1',
          suggestion: 'write the route as text, or set schemaVersion of $edgeHub to "1.1"',
        });
      }
    }
  }
  try {
    return compileRoutes(routes);
  } catch (error) {
    if (!(error instanceof RouteSetError)) throw error;
    for (const { route, column, message } of error.findings) {
      findings.push({
        pointer: at + pointer(route),
        message: column === undefined ? message : `${message} (column ${column})`,
      });
    }
    return undefined;
  }
}
