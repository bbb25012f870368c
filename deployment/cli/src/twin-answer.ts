import { isRecord } from './story/frame-message.js';

/** What a module says of a patch: `pending` while it has not answered that version, or says 202 (it is working on it). */
export interface PatchAnswer {
  readonly state: 'applied' | 'pending' | 'refused' | 'unknown';
  /** Refusals and what is still to come, as `section code: text`. */
  readonly texts: readonly string[];
}

/** Where modules answer for keys that have no section of their own name: the camera, then the scoring module. */
const CATCH_ALL = ['config', 'twin'];

/** Reads the answer to a patch of these keys from the reported properties: sections of `{version, code, text}`. */
export function readPatchAnswer(reported: unknown, version: number, keys: readonly string[]): PatchAnswer {
  const sections = new Map(Object.entries(isRecord(reported) ? reported : {}).filter(([, value]) => isAnswer(value)));
  const own = keys.filter((key) => sections.has(key));
  const rest = own.length < keys.length ? CATCH_ALL.find((name) => sections.has(name)) : undefined;
  const asked = rest === undefined ? own : [...own, rest];
  const all = asked.length > 0 ? asked : [...sections.keys()];
  // A section may hold a `name` of its own, as that of the model does.
  const answers = all.map((section) => ({ ...(sections.get(section) as unknown as Answer), section }));
  if (answers.length === 0 || answers.some((answer) => answer.version < version))
    return { state: 'pending', texts: [] };
  if (asked.length === 0) return { state: 'unknown', texts: [] };
  const say = (list: typeof answers) => list.map(({ section, code, text }) => `${section} ${code}: ${text ?? ''}`);
  const refused = answers.filter(({ code }) => code >= 400);
  if (refused.length > 0) return { state: 'refused', texts: say(refused) };
  const waiting = answers.filter(({ code }) => code === 202);
  return waiting.length > 0 ? { state: 'pending', texts: say(waiting) } : { state: 'applied', texts: [] };
}

interface Answer {
  readonly version: number;
  readonly code: number;
  readonly text?: string;
}

function isAnswer(value: unknown): boolean {
  return isRecord(value) && typeof value.version === 'number' && typeof value.code === 'number';
}
