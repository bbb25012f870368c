import type { Random } from './random.js';

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

const STRANGE: readonly JsonValue[] = [
  null,
  true,
  0,
  -1,
  1,
  2,
  0.5,
  1e308,
  2 ** 53,
  2_147_483_647,
  '',
  'x',
  '..',
  '../model.json',
  '/etc/passwd',
  'model.json',
  '\u0000',
  'constructor',
  [],
  {},
  [-1],
  { mode: 'stretch', height: 1, width: 1 },
];

/** Changes one place of a JSON value, somewhere in its depth, and says which. */
export function mutateJson(root: JsonValue, random: Random): string {
  const places: { at: JsonValue[] | { [key: string]: JsonValue }; key: string; path: string }[] = [];
  const visit = (value: JsonValue, path: string) => {
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) {
      places.push({ at: value, key, path: `${path}.${key}` });
      visit((value as Record<string, JsonValue>)[key]!, `${path}.${key}`);
    }
  };
  visit(root, '');
  if (places.length === 0) return 'nothing left';
  const { at, key, path } = random.pick(places);
  const holder = at as Record<string, JsonValue>;
  const value = holder[key]!;
  switch (random.below(6)) {
    case 0:
      if (Array.isArray(at)) at.splice(Number(key), 1);
      else delete holder[key];
      return `${path} removed`;
    case 1:
      holder[key] = structuredClone(random.pick(STRANGE));
      return `${path} = ${JSON.stringify(holder[key])}`;
    case 2: {
      const other = random.pick(places);
      holder[key] = structuredClone((other.at as Record<string, JsonValue>)[other.key] ?? null);
      return `${path} = ${other.path}`;
    }
    case 3:
      if (Array.isArray(at)) at.push(structuredClone(value));
      else holder[`${key}${random.pick(['2', '', '/x', '/../x', ' '])}`] = structuredClone(value);
      return `${path} twice`;
    case 4:
      if (typeof value === 'number') holder[key] = value + random.pick([1, -1, 0.25, value, -value]);
      else if (typeof value === 'boolean') holder[key] = !value;
      else holder[key] = structuredClone(random.pick(STRANGE));
      return `${path} = ${JSON.stringify(holder[key])}`;
    default:
      if (typeof value !== 'string') {
        holder[key] = [value];
        return `${path} in a list`;
      }
      holder[key] = value.slice(0, random.below(value.length + 1)) + random.pick(['', 'x', ':0', '/', '\\', '.']);
      return `${path} = ${JSON.stringify(holder[key])}`;
  }
}
