/** A model id is `name:version`; the version is a positive integer, and leaving it out means the latest. */
export interface ModelId {
  readonly name: string;
  readonly version: number;
}

export interface ModelReference {
  readonly name: string;
  readonly version?: number;
}

const PATTERN = /^([A-Za-z0-9][A-Za-z0-9._-]{0,127})(?::([1-9][0-9]{0,8}))?$/;

/** Reads `name` or `name:version`; `undefined` when the text is neither. */
export function parseModelReference(text: string): ModelReference | undefined {
  const match = PATTERN.exec(text);
  if (!match) return undefined;
  const [, name, version] = match;
  return version === undefined ? { name: name! } : { name: name!, version: Number(version) };
}

export function formatModelId(id: ModelReference): string {
  return id.version === undefined ? id.name : `${id.name}:${id.version}`;
}

/** Whether two references can mean one model: the same name, and no two different versions. */
export function mayBeSame(a: ModelReference, b: ModelReference): boolean {
  return a.name === b.name && (a.version === undefined || b.version === undefined || a.version === b.version);
}
