export interface RoutableMessage {
  readonly moduleId: string;
  readonly output?: string;
  readonly properties: Readonly<Record<string, string>>;
  /** By public name: messageId, contentType, contentEncoding, correlationId, … */
  readonly systemProperties: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export type Sink =
  | { readonly kind: 'upstream' }
  | { readonly kind: 'module'; readonly moduleId: string; readonly input: string };

export interface Router {
  /** Sinks of every matching route, each endpoint once. */
  route(message: RoutableMessage): readonly Sink[];
  readonly routes: readonly { readonly name: string; readonly text: string; readonly sink: Sink }[];
}

export interface RouteFinding {
  readonly route: string;
  /** 1-based column in the route's text; absent when the entry itself is wrong (not a string or object, priority, TTL). */
  readonly column?: number;
  readonly message: string;
}

/** One bad route refuses the whole set: `Error parsing route NAME - REASON (column N)`. */
export declare class RouteSetError extends Error {
  readonly findings: readonly RouteFinding[];
}

/** `routes` is `$edgeHub` `properties.desired.routes`: name -> string or `{ route, priority?, timeToLiveSecs? }`. */
export declare function compileRoutes(routes: unknown): Router;
