/** What a route looks at. Values of one message are read by many conditions, so the parsed body is kept with it. */
export interface RoutableMessage {
  readonly moduleId: string;
  readonly output?: string;
  readonly properties: Readonly<Record<string, string>>;
  /** By the names edgeHub uses in conditions: `messageId`, `contentType`, `contentEncoding`, `cid`, `userId`, … */
  readonly systemProperties: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A value in a condition; `undefined` is the grammar's own undefined, a third truth value. */
export type Value = string | number | boolean | null | undefined;

export type Evaluate = (message: RoutableMessage) => Value;

/** Properties are looked up without case, as edgeHub does; an exact match wins. */
export function propertyOf(properties: Readonly<Record<string, string>>, name: string): string | undefined {
  if (Object.hasOwn(properties, name)) return properties[name];
  const wanted = name.toLowerCase();
  for (const [key, value] of Object.entries(properties)) {
    if (key.toLowerCase() === wanted) return value;
  }
  return undefined;
}
