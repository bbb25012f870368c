import type { RoutableMessage } from './message.js';
import { type ParsedRoute, parseRoute, type Sink } from './parse-route.js';
import { type RouteFinding, RouteSetError, RouteSyntaxError } from './route-error.js';

export type { RoutableMessage } from './message.js';
export type { Sink } from './parse-route.js';
export { type RouteFinding, RouteSetError } from './route-error.js';

export interface CompiledRoute {
  readonly name: string;
  readonly text: string;
  /** As written, e.g. `/messages/modules/camera/outputs/*`. */
  readonly source: string;
  readonly sink: Sink;
  /** 0 is served first. */
  readonly priority: number;
  /** Seconds a message may wait; absent = the hub's own time to live. */
  readonly timeToLiveSecs?: number;
}

export interface Router {
  /** Sinks of every matching route, each endpoint once, at its best priority. */
  route(message: RoutableMessage): readonly Sink[];
  readonly routes: readonly CompiledRoute[];
}

interface Entry extends CompiledRoute {
  readonly prefix: string;
  readonly parsed: ParsedRoute;
}

const DEFAULT_PRIORITY = 2_000_000_000;
const MAX_PRIORITY = 9;

/**
 * Compiles `$edgeHub`'s desired `routes`: name -> text or `{ route, priority?, timeToLiveSecs? }`. One bad route
 * refuses the whole set with a RouteSetError that names every one. An empty text is no route, as in schema 1.0.
 */
export function compileRoutes(routes: unknown): Router {
  if (typeof routes !== 'object' || routes === null || Array.isArray(routes)) {
    throw new RouteSetError([{ route: '*', message: 'routes must be an object: name -> route' }]);
  }
  const findings: RouteFinding[] = [];
  const entries: Entry[] = [];
  for (const [name, definition] of Object.entries(routes as Record<string, unknown>)) {
    try {
      const entry = compileEntry(name, definition);
      if (entry !== undefined) entries.push(entry);
    } catch (error) {
      if (error instanceof RouteSyntaxError)
        findings.push({ route: name, column: error.column, message: error.message });
      else findings.push({ route: name, message: (error as Error).message });
    }
  }
  if (findings.length > 0) throw new RouteSetError(findings);
  entries.sort((a, b) => a.priority - b.priority);
  return {
    route: (message) => sinksOf(entries, message),
    routes: entries.map(({ prefix: _prefix, parsed: _parsed, ...route }) => route),
  };
}

function compileEntry(name: string, definition: unknown): Entry | undefined {
  const { text, priority, timeToLiveSecs } = readDefinition(definition);
  if (text.trim() === '') return undefined;
  const parsed = parseRoute(text);
  return {
    name,
    text,
    source: parsed.source,
    sink: parsed.sink,
    priority,
    ...(timeToLiveSecs === undefined ? {} : { timeToLiveSecs }),
    // edgeHub's ModuleMessageSource: trailing * and / off, one / on, then a test by prefix without case.
    prefix: `${parsed.source.replace(/[*/]+$/, '')}/`.toLowerCase(),
    parsed,
  };
}

function readDefinition(definition: unknown): { text: string; priority: number; timeToLiveSecs?: number } {
  if (typeof definition === 'string') return { text: definition, priority: DEFAULT_PRIORITY };
  if (typeof definition !== 'object' || definition === null || Array.isArray(definition)) {
    throw new Error('expected the route as text or as an object { route, priority, timeToLiveSecs }');
  }
  const { route, priority = DEFAULT_PRIORITY, timeToLiveSecs } = definition as Record<string, unknown>;
  if (typeof route !== 'string') throw new Error(`"route" must be text, got ${JSON.stringify(route)}`);
  if (!isInteger(priority) || (priority !== DEFAULT_PRIORITY && (priority < 0 || priority > MAX_PRIORITY))) {
    throw new Error(`"priority" must be an integer from 0 to ${MAX_PRIORITY}, got ${JSON.stringify(priority)}`);
  }
  if (timeToLiveSecs !== undefined && (!isInteger(timeToLiveSecs) || timeToLiveSecs < 0)) {
    throw new Error(`"timeToLiveSecs" must be an integer of at least 0, got ${JSON.stringify(timeToLiveSecs)}`);
  }
  return timeToLiveSecs ? { text: route, priority, timeToLiveSecs } : { text: route, priority };
}

function isInteger(value: unknown): value is number {
  return Number.isInteger(value);
}

function sinksOf(entries: readonly Entry[], message: RoutableMessage): readonly Sink[] {
  const output = message.output === undefined ? '' : `outputs/${message.output}/`;
  const address = `/messages/modules/${message.moduleId}/${output}`.toLowerCase();
  const sinks = new Map<string, Sink>();
  for (const { prefix, parsed } of entries) {
    if (!address.startsWith(prefix)) continue;
    const key = parsed.sink.kind === 'upstream' ? '$upstream' : `${parsed.sink.moduleId}/${parsed.sink.input}`;
    if (sinks.has(key)) continue;
    if (parsed.condition !== undefined && parsed.condition(message) !== true) continue;
    sinks.set(key, parsed.sink);
  }
  return [...sinks.values()];
}
